import { closeSync, openSync, readSync } from 'node:fs'

const sectorBytes = 512

/**
 * Where a partition of a disk image lies, in bytes, by its name in the partition table (UEFI specification 2.10, chapter 5.3).
 * Throws when there is none of that name.
 */
export function findPartition(image: string, name: string): { offset: number; length: number } {
  const file = openSync(image, 'r')
  try {
    const header = read(file, sectorBytes, sectorBytes)
    if (header.toString('latin1', 0, 8) !== 'EFI PART') throw new Error(`${image} has no partition table`)
    const [count, size] = [header.readUInt32LE(80), header.readUInt32LE(84)]
    const table = read(file, count * size, Number(header.readBigUInt64LE(72)) * sectorBytes)
    for (let index = 0; index < count; index++) {
      const entry = table.subarray(index * size, (index + 1) * size)
      if (entry.toString('utf16le', 56, 128).replace(/\0.*/, '') !== name) continue
      const [first, last] = [32, 40].map((at) => Number(entry.readBigUInt64LE(at)))
      return { offset: (first ?? 0) * sectorBytes, length: ((last ?? 0) - (first ?? 0) + 1) * sectorBytes }
    }
    throw new Error(`${image} has no partition ${name}`)
  } finally {
    closeSync(file)
  }
}

function read(file: number, length: number, at: number): Buffer {
  const buffer = Buffer.alloc(length)
  readSync(file, buffer, 0, length, at)
  return buffer
}
