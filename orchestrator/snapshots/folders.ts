import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../cartridges/index.ts'
import { makeFolder } from '../host/atomic.ts'
import { isErrno } from '../host/errors.ts'
import { shown } from '../host/plain-text.ts'
import { noSuchSnapshot, timelineUnusable } from './errors.ts'
import { isPossibleName } from './timeline/names.ts'

/** Path of a snapshot's folder. Throws DeskvisorError `no-such-snapshot` (exit 2). */
export function snapshotPath(opened: OpenedCartridge, snapshot: string): string {
  const path = join(opened.snapshots, snapshot)
  if (!isPossibleName(snapshot) || !isFolder(opened.snapshots) || !isFolder(path))
    throw noSuchSnapshot(snapshot)
  return path
}

/** Names in one of the folders; none when it is missing. Throws `timeline-unusable` for anything else in its place. */
export function entriesOf(path: string): string[] {
  return listed(path, () => readdirSync(path))
}

/** The same with what each is. */
export function directoryEntries(path: string): Dirent[] {
  return listed(path, () => readdirSync(path, { withFileTypes: true }))
}

function listed<Entry>(path: string, read: () => Entry[]): Entry[] {
  try {
    if (isFolder(path)) return read()
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error
  }
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return []
  throw timelineUnusable(`${shown(path.split('/').slice(-2).join('/'))} is not a folder.`)
}

/** Makes one of the folders when it is missing. Throws `timeline-unusable` for anything else in its place. */
export function ensureFolder(path: string): void {
  if (isFolder(path)) return
  entriesOf(path)
  makeFolder(path)
}
