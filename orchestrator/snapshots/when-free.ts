import { setTimeout as sleep } from 'node:timers/promises'
import { DeskvisorError } from '../host/errors.ts'
import { notify } from '../host/systemd.ts'

/** Milliseconds between two looks at whether the lock of a cartridge is free. */
export const lookAgainMs = 50

/**
 * Does work that takes the lock of a cartridge, again and again as long as somebody else has it, and tells systemd that
 * this process is alive. Throws DeskvisorError `busy` after `longestMs`, and whatever else the work throws.
 */
export async function whenFree<Result>(longestMs: number, work: () => Promise<Result>): Promise<Result> {
  for (const deadline = performance.now() + longestMs; ; await sleep(lookAgainMs)) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      notify('WATCHDOG=1')
    }
  }
}

export function isBusy(error: unknown): boolean {
  return error instanceof DeskvisorError && error.code === 'busy'
}
