import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Cartridge, insertedCartridge } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { readTextOr } from '../host/atomic.ts'
import { isErrno, sentenceOf } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { readAttempts } from './attempts.ts'
import { pressedBootKey } from './boot-key.ts'
import type { BootFacts } from './intent.ts'
import { keyboardWasLost } from './lost-keyboard.ts'
import { readNextBoot } from './next-boot.ts'

/** `waitedMs`: for how many milliseconds the boot key was waited for. */
export type Gathered = { facts: BootFacts; config: Config; cartridge: Cartridge | null; waitedMs: number }

/** Reads all that the decision needs. Throws nothing, changes nothing, and waits only for the boot key. */
export async function gatherFacts(root: string): Promise<Gathered> {
  const dataProblem = findDataProblem(root)
  const { config, error } = loadConfig(root)
  const { cartridge, problem } = findCartridge(root)
  const desktopRequested = existsSync(paths(root).startDesktop)
  const { pressed, waitedMs } = desktopRequested ? unasked : await pressedBootKey(root, config.boot.key)
  const facts = {
    dataProblem,
    desktopRequested,
    kernelArgument: hasKernelArgument(root),
    nextBoot: dataProblem === null ? readNextBoot(root) : null,
    pressed,
    keyboardLost: !desktopRequested && pressed === null && keyboardWasLost(root),
    cartridgeProblem: problem,
    attempts: readAttempts(root),
    maxFailedStarts: config.boot.max_failed_starts,
    configProblem: error,
  }
  return { facts, config, cartridge, waitedMs }
}

const unasked = { pressed: null, waitedMs: 0 }

export function findCartridge(root: string): { cartridge: Cartridge | null; problem: string | null } {
  try {
    return { cartridge: insertedCartridge(root), problem: null }
  } catch (error) {
    return { cartridge: null, problem: sentenceOf(error) }
  }
}

function hasKernelArgument(root: string): boolean {
  const words = readTextOr(join(paths(root).proc, 'cmdline'), '')
    .trim()
    .split(/\s+/)
  return words.some((word) => word === 'deskvisor.recovery' || word === 'deskvisor.recovery=1')
}

/** On the machine itself the data folder must be a mount point: another device than the folder that holds it. */
function findDataProblem(root: string): string | null {
  const data = paths(root).data
  try {
    if (!statSync(data).isDirectory()) return `The data partition is unavailable: ${data} is not a folder.`
    const mounted = statSync(data).dev !== statSync(join(data, '..')).dev
    return root !== '/' || mounted ? null : `The data partition is not mounted on ${data}.`
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return `The data partition is unavailable: ${data} is missing.`
    return `The data partition is unavailable: ${sentenceOf(error)}.`
  }
}
