import type { FileHandle } from 'node:fs/promises'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { checkDiskSize, expectSpareSpace, makeRoom } from '../disks/space.ts'
import type { Progress } from '../types.ts'
import type { ImageFormat } from './formats.ts'
import { headerProblem } from './image-headers.ts'
import { convertImage, dataBytes, type ImageFile, imageInfo, isSound } from './qemu-img.ts'
import { refused } from './refused.ts'

type ImageImport = {
  machine: Machine
  folder: string
  /** What people call the image. */
  name: string
  file: FileHandle
  size: number
  format: ImageFormat
  to: string
  onProgress: Progress
  signal: AbortSignal | undefined
}

/**
 * Turns an image into a raw disk, once nothing speaks against it: its header names no other file, it is whole, its disk
 * has a size that this machine can have, and its data fits. Progress is in bytes of the disk.
 */
export async function importImage(image: ImageImport): Promise<void> {
  const { machine, folder, name, format, file, to, onProgress, signal } = image
  const problem = await headerProblem(format, file, image.size)
  if (problem !== undefined) throw refused(name, problem)
  const opened: ImageFile = { file, format, signal }
  const { virtualBytes, encrypted, otherFiles } = await readable(image, () => imageInfo(opened))
  if (otherFiles) throw refused(name, 'keeps its data in other files')
  if (encrypted) throw refused(name, 'is encrypted')
  checkDiskSize(folder, virtualBytes)
  if (!(await isSound(opened)))
    throw refused(name, 'is damaged or cut off', `qemu-img check -f ${format} tells more.`)
  await makeRoom(machine, await readable(image, () => dataBytes(opened)))
  await readable(image, () =>
    convertImage({
      ...opened,
      to,
      toFormat: 'raw',
      onFraction: (done) => onProgress(Math.floor(done * virtualBytes), virtualBytes),
      guard: () => expectSpareSpace(folder),
    }),
  )
}

/** What qemu-img complains about is the image, unless the disk is full. */
async function readable<Result>(
  { name, format, signal }: ImageImport,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof DeskvisorError) throw error
    const sentence = sentenceOf(error)
    if (/No space left on device|Disk quota exceeded/.test(sentence)) {
      throw new DeskvisorError('no-space', 'The data partition became full; nothing was kept.', {
        cause: error,
      })
    }
    throw refused(name, `is not a sound ${format} image (${sentence})`)
  }
}
