import type { OpenedCartridge } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { isLackOfSpace } from '../../host/storage-error.ts'
import { withReserve } from '../../space/index.ts'

/**
 * Does what must work however full the disk is, going back above all: with what Deskvisor keeps in reserve for this, and where
 * that is not enough, with what old snapshots free. `work` leaves everything as it was when it fails, and is done again then.
 * For use while the lock of `opened` is held. Throws what `work` throws.
 */
export async function withOwnRoom<Result>(
  opened: OpenedCartridge,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await withReserve(opened.machine, work)
  } catch (error) {
    if (!isLackOfSpace(error)) throw error
    log.warning(`Old moments make room for this change: ${sentenceOf(error)}`)
  }
  const { makeRoomForSnapshots } = await import('../retention/room.ts')
  await makeRoomForSnapshots(opened.machine, { held: opened })
  return work()
}
