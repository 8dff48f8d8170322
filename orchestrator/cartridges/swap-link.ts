import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../host/atomic.ts'

/** Points a symbolic link somewhere else so that a crash leaves the old target or the new one. Throws errno. */
export function swapLink(link: string, target: string): void {
  const folder = dirname(link)
  const beside = join(folder, `.new-${basename(link)}`)
  makeFolder(folder)
  rmSync(beside, { force: true })
  symlinkSync(target, beside)
  renameSync(beside, link)
  syncFolder(folder)
}
