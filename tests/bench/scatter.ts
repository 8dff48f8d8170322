import { randomFillSync } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { commitFilesystem } from '../../orchestrator/host/btrfs.ts'

export const [kibibyte, mebibyte, gibibyte] = [2 ** 10, 2 ** 20, 2 ** 30]
/** What a guest's filesystem and btrfs both write at least. */
export const blockBytes = 4 * kibibyte
/** Neighbours in the file are written so many passes apart, so that they are none on the disk. */
const passes = 4
/** Nothing can make it smaller. */
const noise = randomFillSync(Buffer.alloc(mebibyte))

/**
 * Writes `pieces` of `bytes` to a disk on btrfs, evenly over its first `over` bytes and with a hole after each: no two of
 * them can become one extent.
 */
export function scatter(disk: string, options: { pieces: number; bytes?: number; over: number }): void {
  const { pieces, bytes = blockBytes, over } = options
  const apart = Math.floor(over / pieces / blockBytes) * blockBytes
  if (apart <= bytes) throw new Error(`${pieces} pieces do not fit in ${over} bytes`)
  const descriptor = openSync(disk, 'r+')
  try {
    for (let pass = 0; pass < passes; pass++) {
      for (let piece = pass; piece < pieces; piece += passes) {
        writeSync(descriptor, someBytes(bytes), 0, bytes, piece * apart)
      }
      commitFilesystem(dirname(disk))
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Overwrites whole pieces at random places of the first `over` bytes, as a guest does; nothing is synced. */
export function writeAtRandom(disk: string, options: { pieces: number; bytes?: number; over: number }): void {
  const descriptor = openSync(disk, 'r+')
  try {
    for (const { at, bytes } of randomPlaces(options)) writeSync(descriptor, someBytes(bytes), 0, bytes, at)
  } finally {
    closeSync(descriptor)
  }
}

export function randomPlaces(options: { pieces: number; bytes?: number; over: number }) {
  const { pieces, bytes = blockBytes, over } = options
  return Array.from({ length: pieces }, () => ({
    at: Math.floor((Math.random() * over) / bytes) * bytes,
    bytes,
  }))
}

export function someBytes(bytes: number): Buffer {
  const from = Math.floor(Math.random() * (noise.length - bytes + 1))
  return noise.subarray(from, from + bytes)
}
