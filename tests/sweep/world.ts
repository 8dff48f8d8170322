import { hash } from 'node:crypto'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Machine, machineAt } from '../../orchestrator/host/machine.ts'

/** Everything about the store that must be old or new after a power cut, as hashes of contents. */
export type World = {
  inserted: string | null
  cartridges: Record<
    string,
    { present: string | null; data: string | null; snapshots: Record<string, string> }
  >
}

/** A tree with what an import needs beside the data partition.  */
export function makeMachine(folder: string): Machine {
  const machine = machineAt(folder)
  const firmware = join(folder, 'usr/share/OVMF')
  mkdirSync(firmware, { recursive: true })
  writeFileSync(join(firmware, 'OVMF_VARS_4M.fd'), Buffer.alloc(16_384, 'v'))
  mkdirSync(machine.paths.data, { recursive: true })
  mkdirSync(machine.paths.run, { recursive: true })
  return machine
}

/** What is in the store below `root`, read without any of the code that changes it. */
export function look(machine: Machine): World {
  const { cartridges, inserted } = machine.paths
  const names = existsSync(cartridges) ? readdirSync(cartridges).filter((name) => !name.startsWith('.')) : []
  return {
    inserted: insertedName(linkOf(inserted)?.replace('../cartridges/', ''), names, `${inserted}.renaming`),
    cartridges: Object.fromEntries(names.map((name) => [name, lookAt(join(cartridges, name))])),
  }
}

/** What is being renamed is inserted under its new name as soon as its folder has that (console-link/inserted.ts). */
function insertedName(linked: string | undefined, names: readonly string[], record: string): string | null {
  if (linked === undefined || names.includes(linked) || !existsSync(record)) return linked ?? null
  const { from, to } = JSON.parse(readFileSync(record, 'utf8')) as { from: string; to: string }
  return from === linked && names.includes(to) ? to : linked
}

function lookAt(folder: string): World['cartridges'][string] {
  const present = linkOf(join(folder, 'present'))
  const data = join(folder, 'data.raw')
  const snapshots = join(folder, 'snapshots')
  const names = existsSync(snapshots) ? readdirSync(snapshots).filter((name) => !name.startsWith('.')) : []
  return {
    present: present === null ? null : contentOf(join(folder, present)),
    data: existsSync(data) ? hash('md5', readFileSync(data)) : null,
    snapshots: Object.fromEntries(names.map((name) => [name, contentOf(join(snapshots, name))])),
  }
}

/** One hash for all files in a state or snapshot but state.json, which tells its history and not its content. */
function contentOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const parts = files
    .filter((file) => file !== 'state.json')
    .map((file) => {
      const path = join(folder, file)
      return lstatSync(path).isFile() ? `${file} ${hash('md5', readFileSync(path))}` : file
    })
  return hash('md5', parts.join('\n'))
}

function linkOf(path: string): string | null {
  try {
    return readlinkSync(path)
  } catch {
    return null
  }
}
