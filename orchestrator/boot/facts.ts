import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Cartridge, insertedCartridge } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { readTextOr } from '../host/atomic.ts'
import { isErrno, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { readAttempts } from './attempts.ts'
import { pressedBootKey } from './boot-key.ts'
import type { BootFacts } from './intent.ts'
import { keyboardWasLost } from './lost-keyboard.ts'
import { readNextBoot } from './next-boot.ts'

/** `waitedMs`: for how many milliseconds the boot key was waited for. */
export type Gathered = { facts: BootFacts; config: Config; cartridge: Cartridge | null; waitedMs: number }

/** Reads all that the decision needs. Throws nothing, changes nothing, and waits only for the boot key. */
export async function gatherFacts(machine: Machine): Promise<Gathered> {
  const dataProblem = findDataProblem(machine)
  const { config, error } = loadConfig(machine)
  const { cartridge, problem } = findCartridge(machine)
  const desktopRequested = existsSync(machine.paths.startDesktop)
  const { pressed, waitedMs } = desktopRequested ? unasked : await pressedBootKey(machine, config.boot.key)
  const facts = {
    dataProblem,
    desktopRequested,
    kernelArgument: hasKernelArgument(machine),
    nextBoot: dataProblem === null ? readNextBoot(machine) : null,
    pressed,
    keyboardLost: !desktopRequested && pressed === null && keyboardWasLost(machine),
    cartridgeProblem: problem,
    attempts: readAttempts(machine),
    maxFailedStarts: config.boot.max_failed_starts,
    configProblem: error,
  }
  return { facts, config, cartridge, waitedMs }
}

const unasked = { pressed: null, waitedMs: 0 }

export function findCartridge(machine: Machine): { cartridge: Cartridge | null; problem: string | null } {
  try {
    return { cartridge: insertedCartridge(machine), problem: null }
  } catch (error) {
    return { cartridge: null, problem: sentenceOf(error) }
  }
}

function hasKernelArgument(machine: Machine): boolean {
  const words = readTextOr(join(machine.paths.proc, 'cmdline'), '').trim().split(/\s+/)
  return words.some((word) => word === 'deskvisor.recovery' || word === 'deskvisor.recovery=1')
}

/** On the machine itself the data folder must be a mount point: another device than the folder that holds it. */
function findDataProblem(machine: Machine): string | null {
  const data = machine.paths.data
  try {
    if (!statSync(data).isDirectory()) return `The data partition is unavailable: ${data} is not a folder.`
    const mounted = statSync(data).dev !== statSync(join(data, '..')).dev
    return !machine.live || mounted ? null : `The data partition is not mounted on ${data}.`
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return `The data partition is unavailable: ${data} is missing.`
    return `The data partition is unavailable: ${sentenceOf(error)}.`
  }
}
