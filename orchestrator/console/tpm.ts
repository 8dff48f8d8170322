import { existsSync, lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cartridge } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Paths } from '../host/paths.ts'
import { lastLine, startUnit } from './start-unit.ts'
import { confinement, runArguments } from './unit.ts'

const tpmUnit = 'deskvisor-tpm.service'
const startMs = 20_000

/** A cartridge has a TPM when its state has a folder for what the TPM remembers; a symlink in its place counts for nothing. */
export function hasTpm({ tpm }: Pick<Cartridge, 'tpm'>): boolean {
  return lstatSync(tpm, { throwIfNoEntry: false })?.isDirectory() === true
}

/**
 * Starts the console's TPM, swtpm(8), in a unit of its own, and resolves when QEMU may connect. It ends when QEMU does. What
 * it remembers is in the cartridge's state, so a snapshot holds disk and TPM of one moment. Throws `start-failed`.
 */
export async function startTpm(
  { tpm }: Pick<Cartridge, 'tpm'>,
  user: string,
  places: Pick<Paths, 'consoleRun' | 'tpm'>,
): Promise<void> {
  const command = [
    '/usr/bin/swtpm',
    'socket',
    '--tpm2',
    '--tpmstate',
    `dir=${tpm}`,
    '--ctrl',
    `type=unixio,path=${places.tpm},mode=0600`,
    '--terminate',
  ]
  const properties = [
    'Description=The TPM of the desktop virtual machine',
    ...confinement(user, [tpm, places.consoleRun]),
    'CollectMode=inactive-or-failed',
    'RestrictAddressFamilies=AF_UNIX',
  ]
  const { status, stderr } = await startUnit(tpmUnit, runArguments(tpmUnit, properties, command))
  for (const deadline = performance.now() + startMs; performance.now() < deadline; await sleep(10)) {
    if (status !== 0) break
    if (existsSync(places.tpm)) return
  }
  const words = lastLine(stderr) || 'it does not listen'
  throw new DeskvisorError('start-failed', `The TPM of the desktop could not be started: ${words}.`)
}
