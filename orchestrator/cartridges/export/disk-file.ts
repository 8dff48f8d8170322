import { constants, lstatSync } from 'node:fs'
import { copyFile, type FileHandle, link, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../host/atomic.ts'
import { DeskvisorError, isErrno } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { convertImage } from '../import/qemu-img.ts'
import type { Progress } from '../types.ts'
import { type Beside, openBeside, removeHalves } from './beside.ts'
import { exportFailure } from './failure.ts'
import { roomFor } from './room.ts'

export type DiskExport = {
  disk: FileHandle
  onProgress: Progress
  signal: AbortSignal | undefined
  /** Throws when what was written is not one moment of the disk. */
  verify: () => Promise<void>
}

/**
 * Writes the disk beside `file` (absolute path), and gives it that name when it is whole and survives a power cut. On an
 * error nothing is left, or the error says what is.
 */
export async function writeDiskFile(request: DiskExport & { file: string }): Promise<void> {
  const { file, disk, signal, onProgress } = request
  const { size } = await disk.stat()
  removeHalves(file)
  const beside = await openBeside(file).catch((error: unknown) => {
    throw exportFailure(error, signal, 'no file was made')
  })
  let named = false
  try {
    await write(request, beside.file, size)
    await request.verify()
    // What qemu-img or a shared block brought in may have changed it.
    await beside.file.chmod(0o600).catch(() => {})
    await beside.file.sync()
    await nameIt(beside.path, file)
    named = true
    syncName(dirname(file))
  } catch (error) {
    throw exportFailure(error, signal, await removeAll(beside, named ? file : undefined))
  }
  if (!(await beside.remove()))
    log.warning(`${file} has a second name that cannot be removed: ${beside.path}`)
  onProgress(size, size)
}

/** What there is after a failure, in words. */
async function removeAll(beside: Beside, file: string | undefined): Promise<string> {
  if (!(await beside.remove())) return `what was written is left as ${beside.path}`
  if (file === undefined) return 'no file was kept'
  return rm(file).then(
    () => 'no file was kept',
    () => `${file} is there, but may not outlive a power cut`,
  )
}

async function write(
  { disk, file, onProgress, signal }: DiskExport & { file: string },
  to: FileHandle,
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

async function shareBlocks(disk: FileHandle, to: FileHandle): Promise<boolean> {
  try {
    await copyFile(`/dev/fd/${disk.fd}`, `/dev/fd/${to.fd}`, constants.COPYFILE_FICLONE_FORCE)
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
    const exists = isErrno(error, 'EEXIST') || lstatSync(file, { throwIfNoEntry: false }) !== undefined
    if (exists) throw new DeskvisorError('file-exists', `${file} is there already.`)
    if (!isErrno(error, 'EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK')) throw error
    await rename(beside, file)
  }
}

/** Some filesystems (of the network, of FUSE) cannot fsync(2) a folder, and say so. */
function syncName(folder: string): void {
  try {
    syncFolder(folder)
  } catch (error) {
    if (!isErrno(error, 'EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) throw error
  }
}
