import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolder, syncFolder } from '../host/atomic.ts'
import { unfinishedPrefix } from './unfinished-prefix.ts'

/**
 * Points a symbolic link somewhere else so that a crash leaves the old target or the new one. Throws errno. The link beside
 * always has the same name, so that the next swap removes what a crash left: only root writes in these folders, and
 * symlink(2) follows nothing.
 */
export function swapLink(link: string, target: string): void {
  const folder = dirname(link)
  const beside = join(folder, `${unfinishedPrefix}${basename(link)}`)
  makeFolder(folder)
  rmSync(beside, { force: true })
  symlinkSync(target, beside)
  renameSync(beside, link)
  syncFolder(folder)
}
