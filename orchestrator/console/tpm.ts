import { existsSync, lstatSync } from 'node:fs'
import type { Cartridge } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { startUnit } from './start-unit.ts'
import { confinement, families, service, text } from './unit.ts'
import { untilReady } from './until-ready.ts'

const tpmUnit = 'deskvisor-tpm.service'

/** A cartridge has a TPM when its state has a folder for what the TPM remembers; a symlink in its place counts for nothing. */
export function hasTpm({ tpm }: Pick<Cartridge, 'tpm'>): boolean {
  return lstatSync(tpm, { throwIfNoEntry: false })?.isDirectory() === true
}

/**
 * Starts the console's TPM, swtpm(8), in a unit of its own, and resolves when QEMU may connect. It ends when QEMU does. What
 * it remembers is in the cartridge's state, so a snapshot holds disk and TPM of one moment. Throws `start-failed`.
 */
export async function startTpm(
  machine: Machine,
  { tpm }: Pick<Cartridge, 'tpm'>,
  user: string,
): Promise<void> {
  const places = machine.paths
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
    text('Description', 'The TPM of the desktop virtual machine'),
    ...confinement(user, { writable: [tpm, places.consoleRun], readable: [] }),
    text('CollectMode', 'inactive-or-failed'),
    families('AF_UNIX'),
    ...service(command),
  ]
  const problem = await startUnit(machine, tpmUnit, properties)
  const end = problem === null ? await untilReady(machine, tpmUnit, () => existsSync(places.tpm)) : 'ended'
  if (end === 'ready') return
  const words = problem?.replace(/\.$/, '') ?? (end === 'ended' ? 'it ended at once' : 'it does not listen')
  throw new DeskvisorError('start-failed', `The TPM of the desktop could not be started: ${words}.`)
}
