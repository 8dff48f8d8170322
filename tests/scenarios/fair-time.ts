import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'

const sampleMs = 200
/** Processor time of `exertion` on the machine on which the limits of the scenarios were chosen, in milliseconds. */
const usualExertionMs = 30

/** What /proc/stat says (proc_stat(5)): jiffies of all processors, those that a hypervisor kept, and runnable threads. */
export type Load = { total: number; stolen: number; runnable: number }

export function parseLoad(stat: string): Load {
  const times = (/^cpu +(.+)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number)
  return {
    total: times.slice(0, 8).reduce((sum, time) => sum + time, 0),
    stolen: times[7] ?? 0,
    runnable: Number(/^procs_running (\d+)$/m.exec(stat)?.[1] ?? 1),
  }
}

/** The share of a processor that a thread which wants to run got between two looks: 1 on an idle machine. */
export function fairShare(before: Load, now: Load, processors: number): number {
  // Whoever looks is running, too.
  const wanting = Math.max(1, now.runnable - 1)
  const span = now.total - before.total
  const given = span > 0 ? 1 - (now.stolen - before.stolen) / span : 1
  return Math.min(1, processors / wanting) * given
}

let spent = 0
let last = { at: performance.now(), load: look() }
// The first time compiles it as well, and any may be disturbed.
const slowness = Math.max(1, Math.min(exertion(), exertion(), exertion()) / usualExertionMs)

/**
 * Seconds of a fair clock: it goes as fast as work can go on this machine, slower when others use the processors, when a
 * hypervisor keeps them, or when they are slow ones. So a limit in its seconds is never missed because a machine is slow or busy,
 * and always by what stands still.
 */
export function fairSeconds(): number {
  const at = performance.now()
  if (at - last.at >= sampleMs) {
    const load = look()
    spent += (((at - last.at) / 1000) * fairShare(last.load, load, availableParallelism())) / slowness
    last = { at, load }
  }
  return spent
}

// Also when nobody asks, so that no look stands for a long time.
setInterval(fairSeconds, sampleMs).unref()

export type Until = { limitS: number; everyMs?: number; signal?: AbortSignal | undefined }

/** Asks again and again while the answer is undefined or false; fails when that takes longer than `limitS` fair seconds. */
export async function until<T>(
  what: string | (() => string),
  check: () => Promise<T | undefined | false> | T | undefined | false,
  { limitS, everyMs = 200, signal }: Until,
): Promise<T> {
  const end = fairSeconds() + limitS
  const tooLate = () => new Error(`Not within ${limitS} s: ${typeof what === 'string' ? what : what()}`)
  // A question may get no answer at all; one that is under way in the end has as long again.
  const { promise: unanswered, reject } = Promise.withResolvers<never>()
  unanswered.catch(() => {})
  const watch = setInterval(() => fairSeconds() > end + limitS && reject(tooLate()), 1000)
  try {
    for (;;) {
      const answer = await Promise.race([check(), unanswered])
      if (answer !== undefined && answer !== false) return answer
      if (fairSeconds() > end) throw tooLate()
      await sleep(everyMs, undefined, { signal })
    }
  } finally {
    clearInterval(watch)
  }
}

/** Rejects after so many fair seconds, unless it is given up before. */
export async function limit(limitS: number, what: string, signal: AbortSignal): Promise<never> {
  await until(what, () => undefined, { limitS, everyMs: 500, signal })
  throw new Error(what)
}

function look(): Load {
  try {
    return parseLoad(readFileSync('/proc/stat', 'utf8'))
  } catch {
    return { total: 0, stolen: 0, runnable: 1 }
  }
}

/** How much processor time a fixed piece of work takes here, in milliseconds; others on the machine do not change it. */
function exertion(): number {
  const start = process.cpuUsage()
  let value = 1
  for (let round = 0; round < 20_000_000; round++) value = (Math.imul(value, 1_103_515_245) + round) | 0
  const { user, system } = process.cpuUsage(start)
  return value === 0.5 ? 0 : (user + system) / 1000
}
