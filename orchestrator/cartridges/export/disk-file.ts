import { constants, existsSync } from 'node:fs'
import { chmod, copyFile, type FileHandle, link, rename, rm, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFile, syncFolder } from '../../host/atomic.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'
import { convertImage } from '../import/qemu-img.ts'
import type { Progress } from '../types.ts'

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
  const { size, blocks } = await disk.stat()
  await refuseFolder(dirname(file), Math.min(size, blocks * 512))
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.new`)
  try {
    await write(request, beside, size)
    await verify()
    // Filesystems of Windows know no modes.
    await chmod(beside, 0o600).catch(() => {})
    syncFile(beside)
    await nameIt(beside, file)
  } finally {
    await rm(beside, { force: true })
  }
  syncFolder(dirname(file))
  onProgress(size, size)
}

async function write(
  { disk, file, onProgress, signal }: DiskExport & { file: string },
  to: string,
  size: number,
) {
  const isQcow2 = /\.qcow2$/i.test(file)
  if (!isQcow2 && (await shareBlocks(disk, to))) return
  await convertImage({
    file: disk,
    format: 'raw',
    signal,
    to,
    toFormat: isQcow2 ? 'qcow2' : 'raw',
    onFraction: (done) => onProgress(Math.floor(done * size), size),
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

async function refuseFolder(folder: string, neededBytes: number): Promise<void> {
  try {
    const { bavail, bsize, type } = await statfs(folder)
    // Where the blocks can be shared, nothing is needed; that is found out only by trying.
    if (bavail * bsize >= neededBytes || type === btrfsMagic) return
  } catch (error) {
    throw new DeskvisorError('bad-file', `${folder} cannot be written to: ${sentenceOf(error)}.`, {
      exitCode: 2,
    })
  }
  throw new DeskvisorError(
    'no-space',
    `The file needs ${Math.ceil(neededBytes / 2 ** 20)} MiB, which are not free there.`,
  )
}

/** BTRFS_SUPER_MAGIC, statfs(2). */
const btrfsMagic = 0x9123683e

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
