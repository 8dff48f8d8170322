import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'

/** What this process writes now; two exports into one file have a name each. */
const writing = new Set<string>()

/** `.NAME.PID.new`, or with a number after the PID: where a file is written before it gets its name. */
export function claimBeside(file: string): string {
  for (let number = 1; ; number++) {
    const more = number === 1 ? '' : `.${number}`
    const beside = join(dirname(file), `.${basename(file)}.${process.pid}${more}.new`)
    if (writing.has(beside)) continue
    writing.add(beside)
    return beside
  }
}

export function releaseBeside(beside: string): void {
  writing.delete(beside)
}

/**
 * Removes what exports of this name left that were killed: nobody else ever looks there, and it may be as large as a disk.
 * Throws DeskvisorError `bad-file` (exit 2) when the folder cannot be read.
 */
export function removeHalves(folder: string, name: string): void {
  for (const entry of entriesOf(folder)) {
    if (!entry.startsWith(`.${name}.`)) continue
    const pid = /^(\d+)(?:\.\d+)?\.new$/.exec(entry.slice(name.length + 2))?.[1]
    const path = join(folder, entry)
    if (pid === undefined || isWritten(path, pid)) continue
    rmSync(path, { force: true })
  }
}

function isWritten(path: string, pid: string): boolean {
  return Number(pid) === process.pid ? writing.has(path) : existsSync(`/proc/${pid}`)
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    throw new DeskvisorError('bad-file', `${folder} cannot be written to: ${sentenceOf(error)}.`, {
      exitCode: 2,
    })
  }
}
