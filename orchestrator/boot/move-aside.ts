import { lstatSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { syncFolder } from '../host/atomic.ts'

/** Gives a file (or whatever stands in its place) another name, so that nothing is deleted: `next` → `next.unreadable-1`. */
export function moveAside(path: string): void {
  let number = 1
  // lstat: a link that leads nowhere is something, too, and must not be replaced.
  while (lstatSync(`${path}.unreadable-${number}`, { throwIfNoEntry: false })) number++
  renameSync(path, `${path}.unreadable-${number}`)
  syncFolder(dirname(path))
}
