import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { measureSizes } from '../snapshots/index.ts'
import type { TimelineInfo } from './contract.ts'
import type { Machine } from './operation.ts'

const measuring = new Set<string>()

/** Who looks at a timeline in a program that stays gets it at once; sizes that are not known are there the next time. */
export function measureLater({ root, daemon }: Machine, { cartridge, snapshots }: TimelineInfo): void {
  const unknown = snapshots.some((moment) => moment.exclusiveBytes === null || moment.writtenBytes === null)
  if (!daemon || !unknown || measuring.has(cartridge)) return
  measuring.add(cartridge)
  measureSizes(root, cartridge)
    .catch((error: unknown) =>
      log.warning(`The moments of ${cartridge} cannot be measured: ${sentenceOf(error)}`),
    )
    .finally(() => measuring.delete(cartridge))
}
