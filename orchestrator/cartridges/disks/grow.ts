import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { readCartridge } from '../inspect.ts'
import { withCartridgeLock } from '../lock.ts'
import { knownName } from '../names/known.ts'
import { refuseRunning } from '../running.ts'
import { checkDiskSize, makeRoom } from './space.ts'
import { wholeSectors } from './sparse-file.ts'

/**
 * Makes the present disk of a cartridge larger, to `sizeBytes` rounded up to whole sectors; the new end is a hole. The
 * guest enlarges its partitions itself. Earlier snapshots keep their size.
 * Throws DeskvisorError `bad-size` (exit 2) when it would not be larger, or too large for this machine,
 * `no-such-cartridge`, `bad-name` (both exit 2), `no-cartridge`, `in-use`, `no-space`, `busy`.
 */
export async function growDisk(machine: Machine, name: string, sizeBytes: number): Promise<void> {
  const known = knownName(machine, name)
  await withCartridgeLock(machine, known, async () => {
    const { disk, folder } = readCartridge(machine, known)
    checkDiskSize(folder, sizeBytes)
    await refuseRunning(machine, known, 'get a larger disk')
    await makeRoom(machine, 0)
    await enlarge(disk, sizeBytes, `The disk of ${known}`)
  })
}

/** Makes a disk longer, and that survive a power cut. `what` begins the sentence of `bad-size`, for one that is not. */
export async function enlarge(disk: string, sizeBytes: number, what: string): Promise<void> {
  const file = await open(disk, constants.O_RDWR | constants.O_NOFOLLOW)
  try {
    const { size } = await file.stat()
    if (sizeBytes <= size) throw notLarger(what, size)
    await file.truncate(wholeSectors(sizeBytes))
    await file.sync()
  } finally {
    await file.close()
  }
}

function notLarger(what: string, size: number): DeskvisorError {
  return new DeskvisorError('bad-size', `${what} has ${size} bytes already; a disk can only be made larger.`)
}
