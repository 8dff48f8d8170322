import type { FileHandle } from 'node:fs/promises'
import type { ImageFormat } from './formats.ts'

/**
 * What is wrong with an image, from its own header, before any other program opens it: above all that it names other
 * files, which would be read with our rights. A continued sentence ("has …"); undefined when it may be opened.
 * vhdx needs no look: QEMU opens none that has a parent or a log to replay (block/vhdx.c).
 */
export async function headerProblem(
  format: ImageFormat,
  file: FileHandle,
  size: number,
): Promise<string | undefined> {
  if (format === 'vhdx') return size % vhdxUnit === 0 ? undefined : cutOff
  if (format === 'vmdk') return size % sectorBytes === 0 ? vmdkProblem(file, size) : cutOff
  const header = await bytesAt(file, 0, 104)
  return qcow2Problem(header) ?? (size % sectorBytes === 0 || endsInTable(header, size) ? undefined : cutOff)
}

const sectorBytes = 512
/** Everything in a vhdx file begins at a multiple of this and has such a length; [MS-VHDX] 2.1. */
const vhdxUnit = 1024 * 1024
const cutOff = 'was cut off: it ends in the middle of a block'

/** docs/interop/qcow2.rst of QEMU, "Header". */
export function qcow2Problem(header: Buffer): string | undefined {
  if (header.length < 72) return 'was cut off: its header is not complete'
  const version = header.readUInt32BE(4)
  if (version !== 2 && version !== 3) return `has version ${version} of qcow2, which is not known`
  if (header.readBigUInt64BE(8) !== 0n || header.readUInt32BE(16) !== 0) {
    return 'is only the difference to another disk image (its backing file)'
  }
  if (header.readUInt32BE(32) !== 0) return 'is encrypted'
  if (version === 2) return undefined
  if (header.length < 104) return 'was cut off: its header is not complete'
  const incompatible = header.readBigUInt64BE(72)
  if (incompatible & 1n) return 'was not closed properly; repair it first with qemu-img check -r all'
  if (incompatible & 2n) return 'is marked as corrupt'
  if (incompatible & 4n) return 'keeps its data in another file'
  return undefined
}

/** An image that was never written to may end with its table (of the first level, or of snapshots), wherever that ends. */
function endsInTable(header: Buffer, size: number): boolean {
  const hasSnapshots = header.readUInt32BE(60) > 0
  const end = Number(header.readBigUInt64BE(40)) + header.readUInt32BE(36) * 8
  return hasSnapshots || end === size
}

const maxDescriptorBytes = 1024 * 1024
/** Stands for a header that is repeated at the end (streamOptimized). */
const atEnd = 0xffff_ffff_ffff_ffffn

/** "Virtual Disk Format 5.0" of VMware, and what block/vmdk.c of QEMU makes of it: the header at the end counts more. */
async function vmdkProblem(file: FileHandle, size: number): Promise<string | undefined> {
  const first = await bytesAt(file, 0, sectorBytes)
  if (first.length < sectorBytes) return 'was cut off: its header is not complete'
  const headers = [first]
  if (first.readBigUInt64LE(56) === atEnd) {
    const last = await bytesAt(file, size - 2 * sectorBytes, sectorBytes)
    if (last.toString('latin1', 0, 4) !== 'KDMV') return 'was cut off: its second header is missing'
    headers.push(last)
  }
  for (const header of headers) {
    // QEMU takes an image without a size of its own for a mere description of other files.
    if (header.readBigUInt64LE(12) === 0n) return outside
    const descriptor = { at: header.readBigUInt64LE(28), sectors: header.readBigUInt64LE(36) }
    if (descriptor.at === 0n) continue
    const at = Number(descriptor.at) * sectorBytes
    const problem = vmdkDescriptorProblem(await bytesAt(file, at, maxDescriptorBytes))
    if (problem !== undefined) return problem
  }
  return undefined
}

const outside = 'keeps its data in other files'

/** The text of a descriptor, which ends with a NUL byte or where its sectors end. */
export function vmdkDescriptorProblem(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(0)
  const text = bytes.toString('latin1', 0, end < 0 ? bytes.length : end)
  if (/parentFileNameHint/i.test(text)) return 'is only the difference to another disk image (its parent)'
  const extents = text.match(/^[ \t]*(RW|RDONLY|NOACCESS)[ \t]+\d+[ \t]+\S+/gim) ?? []
  const inside = extents.every((extent) => /\sSPARSE$/i.test(extent))
  return extents.length > 1 || !inside ? outside : undefined
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (!Number.isSafeInteger(position) || position < 0) return Buffer.alloc(0)
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}
