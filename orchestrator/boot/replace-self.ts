import type { Machine } from '../host/machine.ts'
import { extendStartTimeout } from '../host/start-timeout.ts'
import { execReplace } from '../host/systemd.ts'

/**
 * Becomes another subcommand of this same program, for the same tree, in the same process. Whatever file this
 * program was started from is what goes on; run from the sources, that is Node with the script.
 */
export function replaceSelf(machine: Machine, ...words: string[]): never {
  // Whoever comes next has systemd's whole patience before its first sign of life.
  extendStartTimeout()
  const script = process.argv[1]
  const program = script?.endsWith('.ts') ? [script] : []
  execReplace(process.execPath, [...program, ...words, ...(machine.live ? [] : ['--root', machine.root])])
}
