import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import type { JobInfo } from './contract/job.ts'
import type { Title, Work } from './jobs.ts'
import type { Operation, Service } from './operation.ts'

/** Milliseconds that something meant to happen at once waits for other work on the same cartridge. */
const timeoutMs = 5000

/**
 * Starts a job that changes a cartridge, or needs several as they are; it waits for its turn at each of them as long as it
 * takes. The order of the turns is always the same, so no two jobs wait for each other.
 */
export function changeAsJob(
  { jobs, queue }: Service,
  kind: string,
  cartridges: string | readonly string[],
  title: Title,
  work: Work,
): JobInfo {
  const keys = [...new Set([cartridges].flat().map(keyOf))].sort().reverse()
  return jobs.start(kind, title, (context) => {
    const inTurn = (run: () => Promise<unknown>, key: string) => () => queue.run(key, run, context.signal)
    return keys.reduce(inTurn, () => work(context))()
  })
}

/** A change that happens at once. Throws DeskvisorError `busy` when other work on the same cartridge goes on. */
export async function changeNow<T>(
  { queue }: Service,
  cartridge: string,
  work: () => Promise<T> | T,
): Promise<T> {
  const timeouts = AbortSignal.timeout(timeoutMs)
  try {
    return await queue.run(keyOf(cartridge), work, timeouts)
  } catch (error) {
    if (error !== timeouts.reason) throw error
    throw new DeskvisorError('busy', `Other work on ${cartridge} is under way.`, {
      next: { do: 'wait' },
    })
  }
}

/** An operation that changes one cartridge at once and answers nothing. It takes the name of the `cartridge`, and perhaps more. */
export function changeOfOne<Takes extends { cartridge: string }>(
  work: (machine: Machine, input: Takes) => Promise<unknown>,
): Operation<Takes, void> {
  return (service, input) =>
    changeNow(service, input.cartridge, async () => void (await work(service.machine, input)))
}

/** Names that people take for the same wait for each other. */
function keyOf(cartridge: string): string {
  return cartridge.normalize('NFKC').toLowerCase()
}
