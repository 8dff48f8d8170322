import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { places } from './places.ts'

const run = promisify(execFile)
/** As much as the prepared disk has. */
const diskSize = '8G'
const buildProgram = join(import.meta.dirname, '../../../build.mjs')

let prepared: Promise<string> | undefined

/**
 * The shipped image after its first start, with the test guest imported and inserted as cartridge `guest`, as a qcow2 file
 * that must not be written to. Made once, without starting a PC, until one of the two images changes (build/disk.mjs).
 */
export function preparedDisk(): Promise<string> {
  prepared ??= prepare()
  return prepared
}

/** A fresh disk that starts as a copy of `base` and takes all writes itself. */
export async function overlay(
  base: string,
  file: string,
  format: 'raw' | 'qcow2' = 'qcow2',
): Promise<string> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', format, file])
  return file
}

/** The shipped image as it comes to a disk of this size, before its first start. */
export async function newDisk(file: string, size = diskSize): Promise<string> {
  await overlay(places.image, file, 'raw')
  await run('qemu-img', ['resize', '-q', '-f', 'qcow2', file, size])
  return file
}

async function prepare(): Promise<string> {
  const { stdout } = await run(process.execPath, [buildProgram, 'disk'])
  return stdout.trim().split('\n').at(-1) ?? ''
}
