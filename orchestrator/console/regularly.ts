import type { Clock } from '../host/clock.ts'

/**
 * Does `work` at once, and again `everyMs` after it ended, until told to end; never twice at the same time. `soon` asks for the
 * next time within `soonMs`: that makes it come sooner, and however often it is called, never later, nor more often than that.
 * `work` must not reject.
 */
export function regularly(
  clock: Pick<Clock, 'monotonicMs' | 'after'>,
  work: () => Promise<void>,
  { everyMs, soonMs }: { everyMs: number; soonMs: number },
): { soon(): void; end(): void } {
  let callOff = () => {}
  let dueAt = 0
  let phase: 'waiting' | 'working' | 'working, and again soon' | 'ended' = 'waiting'
  const doIn = (milliseconds: number) => {
    callOff()
    dueAt = clock.monotonicMs() + milliseconds
    callOff = clock.after(milliseconds, () => {
      phase = 'working'
      void work().finally(() => {
        if (phase === 'ended') return
        const next = phase === 'working' ? everyMs : soonMs
        phase = 'waiting'
        doIn(next)
      })
    })
  }
  doIn(0)
  return {
    soon() {
      if (phase === 'working') phase = 'working, and again soon'
      else if (phase === 'waiting' && clock.monotonicMs() + soonMs < dueAt) doIn(soonMs)
    },
    end() {
      phase = 'ended'
      callOff()
    },
  }
}
