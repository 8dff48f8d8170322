import { lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { knownName } from '../cartridges/index.ts'
import { makeFolder } from '../host/atomic.ts'
import { isErrno } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { noSuchCartridge, noSuchSnapshot, shown, unusable } from './errors.ts'
import { isPossibleName } from './timeline/names.ts'

/** Where the parts of one cartridge lie. */
export type Places = {
  root: string
  name: string
  folder: string
  present: string
  states: string
  snapshots: string
  /** One JSON file a snapshot, for what may change about it or was measured; notes.ts. */
  timeline: string
  trying: string
}

/**
 * The places of a cartridge that is there, damaged or not, whatever the case or Unicode form of the name that a person
 * typed. Throws DeskvisorError `no-such-cartridge` (exit 2).
 */
export function placesOf(root: string, typed: string): Places {
  const name = exactName(root, typed)
  const folder = join(paths(root).cartridges, name)
  if (!isFolder(folder)) throw noSuchCartridge(name)
  return {
    root,
    name,
    folder,
    present: join(folder, 'present'),
    states: join(folder, 'states'),
    snapshots: join(folder, 'snapshots'),
    timeline: join(folder, 'timeline'),
    trying: join(folder, 'try.json'),
  }
}

function exactName(root: string, typed: string): string {
  try {
    return knownName(root, typed)
  } catch {
    throw noSuchCartridge(typed)
  }
}

/** Path of a snapshot's folder. Throws DeskvisorError `no-such-snapshot` (exit 2). */
export function snapshotPath(places: Places, snapshot: string): string {
  const path = join(places.snapshots, snapshot)
  if (!isPossibleName(snapshot) || !isFolder(places.snapshots) || !isFolder(path))
    throw noSuchSnapshot(snapshot)
  return path
}

/** A state and its number, `0007` for example. */
export type State = { number: string; path: string }

/** The state that `present` points to; null when it points to none, as in a damaged cartridge. */
export function presentState(places: Places): State | null {
  const number = /^states\/(\d{4,9})$/.exec(linkTargetOf(places.present))?.[1]
  return number === undefined ? null : stateOf(places, number)
}

/** Null when there is no such state. */
export function stateOf(places: Places, number: string): State | null {
  const path = join(places.states, number)
  return isFolder(places.states) && isFolder(path) ? { number, path } : null
}

/** Names in one of the folders; none when it is missing. Throws `timeline-unusable` for anything else in its place. */
export function entriesOf(path: string): string[] {
  try {
    if (isFolder(path)) return readdirSync(path)
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return []
  throw unusable(`${shown(path.split('/').slice(-2).join('/'))} is not a folder.`)
}

/** Makes one of the folders when it is missing. Throws `timeline-unusable` for anything else in its place. */
export function ensureFolder(path: string): void {
  if (isFolder(path)) return
  entriesOf(path)
  makeFolder(path)
}

/** A real folder, and no link to one: nothing is ever followed out of a cartridge. */
export function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function linkTargetOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
