import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { places } from '../pc/places.ts'
import { findPartition } from './gpt.ts'
import { letGo, runNow } from './run-now.ts'

let mounted: string | undefined

/** The root file system of the shipped image, mounted to be read only until this process ends. Needs root. */
export function shippedRoot(): string {
  mounted ??= mountRoot()
  return mounted
}

function mountRoot(): string {
  // systemd-nspawn leaves its lock beside the folder that it was given.
  const parent = mkdtempSync(join(tmpdir(), 'deskvisor-root-'))
  const folder = join(parent, 'root')
  mkdirSync(folder)
  const { offset, length } = findPartition(places.image, 'root-x86-64')
  runNow('mount', [
    ...['-t', 'erofs', '-o', `ro,loop,offset=${offset},sizelimit=${length}`],
    ...[places.image, folder],
  ])
  process.once('exit', () => {
    letGo(folder)
    rmSync(parent, { recursive: true, force: true })
  })
  return folder
}
