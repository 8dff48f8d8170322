import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { DeskvisorError } from '../host/errors.ts'
import { readCartridge } from './inspect.ts'
import { knownName } from './known.ts'
import { withCartridgeLock } from './lock.ts'
import { refuseRunning } from './running.ts'
import { checkDiskSize } from './space.ts'

/**
 * Makes the present disk of a cartridge larger, to `sizeBytes` rounded up to whole sectors; the new end is a hole. The
 * guest enlarges its partitions itself. Earlier moments keep their size.
 * Throws DeskvisorError `bad-size` (exit 2) when it would not be larger, or too large for this machine,
 * `no-such-cartridge`, `bad-name` (both exit 2), `no-cartridge`, `in-use`, `busy`.
 */
export async function growDisk(root: string, name: string, sizeBytes: number): Promise<void> {
  const known = knownName(root, name)
  await withCartridgeLock(root, known, async () => {
    const { disk, folder } = readCartridge(root, known)
    checkDiskSize(folder, sizeBytes)
    await refuseRunning(root, known, 'get a larger disk')
    const file = await open(disk, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      const { size } = await file.stat()
      if (sizeBytes <= size) throw notLarger(known, size)
      await file.truncate(Math.ceil(sizeBytes / 512) * 512)
      await file.sync()
    } finally {
      await file.close()
    }
  })
}

function notLarger(name: string, size: number): DeskvisorError {
  return new DeskvisorError(
    'bad-size',
    `The disk of ${name} has ${size} bytes already; a disk can only be made larger.`,
    { exitCode: 2 },
  )
}
