import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { readText } from '../host/atomic.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { layout, stateFiles } from './layout.ts'
import { normalName } from './names.ts'
import type { Cartridge } from './types.ts'

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The largest UEFI variable store that is believed; OVMF's has 528 KiB. */
const maxVarsBytes = 64 * 1024 * 1024

/**
 * The cartridge that the console plays. Follows no link but the two of the layout, and those only to where the
 * layout says. Throws DeskvisorError `no-cartridge` with one sentence for anything missing or not as it should be.
 */
export function insertedCartridge(root: string): Cartridge {
  const name = insertedName(root)
  if (name === undefined) throw unusable('No operating system is inserted.')
  return readCartridge(root, name)
}

/** The name that console/cartridge points to; undefined when there is no such link. Throws `no-cartridge` for a bad one. */
export function insertedName(root: string): string | undefined {
  const place = 'console/cartridge'
  const target = linkTarget(paths(root).inserted, place)
  if (target === undefined) return undefined
  const name = /^\.\.\/cartridges\/([^/]+)\/?$/.exec(target)?.[1]
  if (name === undefined || normalName(name) !== name) {
    throw unusable(`${place} points to ${shown(target)}, which is not an operating system of this machine.`)
  }
  return name
}

/** One cartridge by its exact name, every part of it checked. Throws DeskvisorError `no-cartridge`. */
export function readCartridge(root: string, name: string): Cartridge {
  const p = paths(root)
  const title = shown(name)
  expectFolder(p.cartridges, 'The folder of operating systems')
  const places = layout(join(p.cartridges, name))
  expectFolder(places.folder, `The operating system ${title}`)
  const about = readDescription(places.description, `cartridge.json of ${title}`)
  if (typeof about.uuid !== 'string' || !uuidPattern.test(about.uuid)) {
    throw unusable(`cartridge.json of ${title} has no valid uuid.`)
  }
  const state = presentState(places, title)
  const files = stateFiles(state)
  expectFile(files.disk, `The disk of ${title}`, Number.MAX_SAFE_INTEGER)
  expectFile(files.uefiVars, `The UEFI variables of ${title}`, maxVarsBytes)
  readDescription(files.description, `state.json of ${title}`)
  return {
    name,
    title: typeof about.title === 'string' && about.title.trim() ? shown(about.title.trim()) : name,
    uuid: about.uuid.toLowerCase(),
    state,
    disk: files.disk,
    uefiVars: files.uefiVars,
  }
}

function presentState(places: ReturnType<typeof layout>, title: string): string {
  const target = linkTarget(places.present, `The present state of ${title}`)
  if (target === undefined) throw unusable(`${title} has no present state.`)
  if (!/^states\/\d{4,9}$/.test(target)) {
    throw unusable(
      `The present state of ${title} points to ${shown(target)}, which is not one of its states.`,
    )
  }
  expectFolder(places.states, `The folder of states of ${title}`)
  const state = join(places.folder, target)
  expectFolder(state, `The present state of ${title}`)
  return state
}

function readDescription(path: string, what: string): Record<string, unknown> {
  let text: string
  try {
    text = readText(path, { followSymlink: false, maxBytes: 65_536 })
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw unusable(`${what} is missing.`)
    throw unusable(`${what} ${isErrno(error) ? `cannot be read: ${sentenceOf(error)}` : sentenceOf(error)}.`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Told below, together with JSON that is no object.
  }
  throw unusable(`${what} is not a JSON object.`)
}

function linkTarget(path: string, what: string): string | undefined {
  const stats = statsOf(path, what)
  if (stats === undefined) return undefined
  if (!stats.isSymbolicLink()) throw unusable(`${what} is not a symbolic link.`)
  return readlinkSync(path)
}

function expectFolder(path: string, what: string): void {
  const stats = statsOf(path, what)
  if (stats === undefined) throw unusable(`${what} is missing.`)
  if (!stats.isDirectory()) throw unusable(`${what} is not a folder.`)
}

function expectFile(path: string, what: string, maxBytes: number): void {
  const stats = statsOf(path, what)
  if (stats === undefined) throw unusable(`${what} is missing.`)
  if (!stats.isFile()) throw unusable(`${what} is not a regular file.`)
  if (stats.size === 0) throw unusable(`${what} is empty.`)
  if (stats.size > maxBytes) throw unusable(`${what} is larger than ${maxBytes} bytes.`)
}

function statsOf(path: string, what: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw unusable(`${what} cannot be read: ${sentenceOf(error)}.`)
  }
}

function unusable(sentence: string): DeskvisorError {
  return new DeskvisorError('no-cartridge', sentence, {
    hint: 'deskvisor cartridge list shows what there is; deskvisor cartridge insert NAME inserts one.',
  })
}

/** Names and titles come from the disk and go to a terminal. */
function shown(text: string): string {
  return text.replace(/\p{C}/gu, '?').slice(0, 100)
}
