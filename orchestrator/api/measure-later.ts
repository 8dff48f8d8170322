import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { measureSizes } from '../snapshots/index.ts'
import type { TimelineInfo } from './contract/snapshots.ts'
import type { Service } from './operation.ts'

/** Who looks at a timeline in a program that stays gets it at once; sizes that are not known are there the next time. */
export function measureLater(
  { machine, daemon, background }: Service,
  { cartridge, snapshots }: TimelineInfo,
): void {
  const unknown = snapshots.some(
    (snapshot) => snapshot.exclusiveBytes === null || snapshot.writtenBytes === null,
  )
  if (!daemon || !unknown) return
  background.start(`measure ${cartridge}`, (signal) =>
    measureSizes(machine, cartridge, { signal }).catch((error: unknown) => {
      if (!signal.aborted) log.warning(`The moments of ${cartridge} cannot be measured: ${sentenceOf(error)}`)
    }),
  )
}
