import { isRoomMade } from '../../host/btrfs-search.ts'
import type { Machine } from '../../host/machine.ts'
import { reclaimForMetadata } from '../../space/index.ts'
import { emptyTrash } from './empty-trash.ts'

/**
 * Frees what nobody's history pays for, until `isEnough`: what btrfs has set aside and does not use, then the trash, oldest
 * first. Resolves with the entries of the trash that went. Throws DeskvisorError `busy`.
 */
export async function freeUnneeded(machine: Machine, isEnough: () => boolean): Promise<string[]> {
  const folder = machine.paths.cartridges
  const isOver = () => isRoomMade(folder, isEnough)
  if (await isOver()) return []
  await reclaimForMetadata(folder, isEnough)
  return (await isOver()) ? [] : (await emptyTrash(machine, { enough: isOver })).removed
}
