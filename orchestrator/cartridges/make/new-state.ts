import { chmodSync, chownSync, constants, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, readTextOr, syncFile, syncFolder, writeFileAtomic } from '../../host/atomic.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { layout, stateFiles } from '../layout.ts'
import { stateStore } from '../store/index.ts'

/** The empty variable store that belongs to OVMF_CODE_4M.fd (Debian's ovmf package). */
const varsTemplate = 'usr/share/OVMF/OVMF_VARS_4M.fd'

/** The folder of a new cartridge's first state, made unless an interrupted attempt made it. One subvolume, where there are any. */
export async function firstState(folder: string): Promise<string> {
  const state = join(layout(folder).states, '0001')
  makeFolder(layout(folder).states)
  if (!existsSync(state)) await stateStore(folder).create(state)
  return state
}

/** Throws DeskvisorError `no-firmware` when there is nothing to start a new machine with. */
export function expectFirmware(machine: Machine): void {
  const template = join(machine.root, varsTemplate)
  if (existsSync(template)) return
  throw new DeskvisorError('no-firmware', `The UEFI variable template ${template} is missing.`, {
    hint: 'Install the package ovmf.',
  })
}

/** Puts fresh UEFI variables, an empty TPM and a description beside the disk, and gives what QEMU writes to its user. */
export function completeState(machine: Machine, state: string): void {
  const files = stateFiles(state)
  expectFirmware(machine)
  copyFileSync(join(machine.root, varsTemplate), files.uefiVars, constants.COPYFILE_FICLONE)
  chmodSync(files.uefiVars, 0o600)
  syncFile(files.uefiVars)
  mkdirSync(files.tpm, { recursive: true, mode: 0o700 })
  describeState(state)
  giveToConsole(machine, [files.disk, files.uefiVars, files.tpm])
  syncFolder(state)
}

export function describeState(state: string): void {
  const about = { created: new Date().toISOString() }
  writeFileAtomic(stateFiles(state).description, `${JSON.stringify(about)}\n`)
}

/** QEMU runs as this user and gets nothing else of the cartridge to write. */
export function giveToConsole(machine: Machine, files: readonly string[]): void {
  if (!machine.live) return
  const passwd = readTextOr(join(machine.root, 'etc/passwd'), '')
  const [, uid, gid] = /^deskvisor-console:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? []
  if (uid === undefined || gid === undefined) return
  for (const file of files) chownSync(file, Number(uid), Number(gid))
}
