import type { Static, TObject } from 'typebox'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import type { JobInfo } from './contract.ts'
import type { Work } from './jobs.ts'
import type { Operation, Service } from './operation.ts'
import { type cartridgeName, nothing } from './schemas.ts'

/** Milliseconds that something meant to happen at once waits for other work on the same cartridge. */
const patienceMs = 5000

/**
 * Starts a job that changes a cartridge, or needs several as they are; it waits for its turn at each of them as long as it
 * takes. The order of the turns is always the same, so no two jobs wait for each other.
 */
export function changeAsJob(
  { jobs, queue }: Service,
  kind: string,
  cartridges: string | readonly string[],
  title: string,
  work: Work,
): JobInfo {
  const keys = [...new Set([cartridges].flat().map(keyOf))].sort().reverse()
  return jobs.start(kind, title, (told) => {
    const inTurn = (run: () => Promise<unknown>, key: string) => () => queue.run(key, run, told.signal)
    return keys.reduce(inTurn, () => work(told))()
  })
}

/** A change that happens at once. Throws DeskvisorError `busy` when other work on the same cartridge goes on. */
export async function changeNow<T>(
  { queue }: Service,
  cartridge: string,
  work: () => Promise<T> | T,
): Promise<T> {
  const patience = AbortSignal.timeout(patienceMs)
  try {
    return await queue.run(keyOf(cartridge), work, patience)
  } catch (error) {
    if (error !== patience.reason) throw error
    throw new DeskvisorError('busy', `Other work on ${cartridge} is under way.`, {
      hint: 'Wait for it to end, then try again.',
    })
  }
}

type Change<Takes extends TObject> = Omit<Operation<Takes>, 'gives' | 'run'> & {
  work(machine: Machine, input: Static<Takes> & { cartridge: string }): Promise<unknown>
}

/** An operation that changes one cartridge at once and answers nothing. It takes the name of the `cartridge`, and perhaps more. */
export function changeOfOne<Takes extends TObject<{ cartridge: typeof cartridgeName }>>({
  work,
  ...described
}: Change<Takes>): Operation<Takes, typeof nothing> {
  return {
    ...described,
    gives: nothing,
    run(service, input) {
      const { cartridge } = input as { cartridge: string }
      return changeNow(
        service,
        cartridge,
        async () => void (await work(service.machine, { ...input, cartridge })),
      )
    },
  }
}

/** Names that people take for the same wait for each other. */
function keyOf(cartridge: string): string {
  return cartridge.normalize('NFKC').toLowerCase()
}
