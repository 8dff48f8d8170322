import { constants, existsSync } from 'node:fs'
import { chmod, copyFile, type FileHandle, link, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { syncFile, syncFolder } from '../../host/atomic.ts'
import { DeskvisorError, isErrno } from '../../host/errors.ts'
import { convertImage } from '../import/qemu-img.ts'
import type { Progress } from '../types.ts'
import { claimBeside, releaseBeside, removeHalves } from './beside.ts'
import { roomFor } from './room.ts'

export type DiskExport = {
  disk: FileHandle
  onProgress: Progress
  signal: AbortSignal | undefined
  /** Throws when what was written is not one moment of the disk. */
  verify: () => Promise<void>
}

/** Writes the disk beside `file` (absolute path), and gives it that name when it is whole. On an error nothing is left. */
export async function writeDiskFile(request: DiskExport & { file: string }): Promise<void> {
  const { file, disk, onProgress, verify } = request
  const { size } = await disk.stat()
  const folder = dirname(file)
  removeHalves(folder, basename(file))
  const beside = claimBeside(file)
  try {
    await write(request, beside, size)
    await verify()
    // Filesystems of Windows know no modes.
    await chmod(beside, 0o600).catch(() => {})
    syncFile(beside)
    await nameIt(beside, file)
  } finally {
    await rm(beside, { force: true }).catch(() => {})
    releaseBeside(beside)
  }
  syncFolder(folder)
  onProgress(size, size)
}

async function write(
  { disk, file, onProgress, signal }: DiskExport & { file: string },
  to: string,
  size: number,
) {
  const isQcow2 = /\.qcow2$/i.test(file)
  if (!isQcow2 && (await shareBlocks(disk, to))) return
  const room = await roomFor(disk, dirname(file))
  room.expectEnough()
  await convertImage({
    file: disk,
    format: 'raw',
    signal,
    to,
    toFormat: isQcow2 ? 'qcow2' : 'raw',
    onFraction: (done) => onProgress(Math.floor(done * size), size),
    guard: room.expectSpare,
  })
}

async function shareBlocks(disk: FileHandle, to: string): Promise<boolean> {
  try {
    await copyFile(`/dev/fd/${disk.fd}`, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE)
    return true
  } catch {
    // Another filesystem, or one that cannot share: then by bytes.
    return false
  }
}

/** link(2) fails where a file is, and rename(2) would replace it; but not every filesystem knows links. */
async function nameIt(beside: string, file: string): Promise<void> {
  try {
    await link(beside, file)
  } catch (error) {
    const exists = isErrno(error, 'EEXIST') || existsSync(file)
    if (exists) throw new DeskvisorError('file-exists', `${file} is there already.`, { exitCode: 2 })
    if (!isErrno(error, 'EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK')) throw error
    await rename(beside, file)
  }
}
