import { crc32 } from 'node:zlib'

/**
 * Bytes that a raw disk must have according to its own partition table, 0 when it has none: a shorter one was cut off.
 * `head` is its beginning. GPT: UEFI specification, 5.3.2 "GPT Header"; MBR: 5.2.1.
 */
export function neededBytes(head: Buffer): number {
  return gptBytes(head, 512) ?? gptBytes(head, 4096) ?? mbrBytes(head)
}

/** The backup of the header stands in the last sector. Nothing is believed that fails its checksum. */
function gptBytes(head: Buffer, sectorBytes: number): number | undefined {
  const header = head.subarray(sectorBytes, sectorBytes * 2)
  if (header.length < 512 || header.toString('latin1', 0, 8) !== 'EFI PART') return undefined
  const length = header.readUInt32LE(12)
  if (length < 92 || length > header.length) return undefined
  const unsummed = Buffer.from(header.subarray(0, length))
  unsummed.writeUInt32LE(0, 16)
  if (crc32(unsummed) !== header.readUInt32LE(16)) return undefined
  return (Number(header.readBigUInt64LE(32)) + 1) * sectorBytes
}

function mbrBytes(head: Buffer): number {
  if (head.length < 512 || head.readUInt16LE(510) !== 0xaa55) return 0
  const entries = [446, 462, 478, 494].map((at) => head.subarray(at, at + 16))
  // The boot sector of a filesystem without partitions has program text here.
  if (entries.some((entry) => ![0, 0x80].includes(entry.readUInt8(0)))) return 0
  const ends = entries
    .filter((entry) => ![0, protectiveType].includes(entry.readUInt8(4)))
    .map((entry) => (entry.readUInt32LE(8) + entry.readUInt32LE(12)) * 512)
  return Math.max(0, ...ends)
}

/** Stands for a GPT, often with the largest size there is. */
const protectiveType = 0xee
