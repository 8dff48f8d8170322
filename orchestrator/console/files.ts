import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchownSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Cartridge } from '../cartridges/index.ts'
import { readTextOr } from '../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { run } from '../host/process.ts'
import { hasTpm } from './tpm.ts'

type User = { uid: number; gid: number }

/** Makes the folder for the console's sockets, empty and owned by QEMU's user. */
export function prepareRunFolder(machine: Machine, user: User): void {
  const { consoleRun } = machine.paths
  rmSync(consoleRun, { recursive: true, force: true })
  mkdirSync(consoleRun, { recursive: true, mode: 0o750 })
  chownSync(consoleRun, user.uid, user.gid)
  chmodSync(consoleRun, 0o750)
}

/**
 * Makes QEMU's user the owner of the cartridge's disks, UEFI variables and TPM. Throws `cartridge-unusable` when one of them
 * is missing, no regular file, or a symlink, which could point at a file of the host.
 */
export function ownCartridge(cartridge: Cartridge, user: User): void {
  const { disk, uefiVars, tpm, dataDisk } = cartridge
  const folders = hasTpm(cartridge) ? [tpm] : []
  const files = [
    disk,
    uefiVars,
    ...(dataDisk === null ? [] : [dataDisk]),
    ...folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))),
  ]
  for (const path of [...folders, ...files]) {
    try {
      own(path, user, folders.includes(path))
    } catch (error) {
      throw new DeskvisorError(
        'cartridge-unusable',
        `The operating system ${cartridge.name} cannot be started: ${path}: ${sentenceOf(error)}`,
        { cause: error },
      )
    }
  }
}

function own(path: string, user: User, isFolder: boolean): void {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const status = fstatSync(descriptor)
    if (!isFolder && !status.isFile()) throw new Error('it is not a regular file')
    if (status.uid !== user.uid) fchownSync(descriptor, user.uid, user.gid)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Sees to it that `/dev/kvm` is there and open to the group `kvm`, also when udev has not come to it yet.
 * Resolves to false when the processor offers no virtualisation.
 */
export async function prepareKvm(machine: Machine): Promise<boolean> {
  const kvm = join(machine.paths.dev, 'kvm')
  if (!existsSync(kvm)) {
    const vendor = readTextOr(join(machine.paths.proc, 'cpuinfo'), '').includes('AuthenticAMD')
      ? 'amd'
      : 'intel'
    // However long it takes: the start of this unit has its own limit.
    await run('modprobe', [`kvm_${vendor}`])
  }
  if (!existsSync(kvm)) return false
  const group = Number(readTextOr(join(machine.root, 'etc/group'), '').match(/^kvm:[^:]*:(\d+):/m)?.[1])
  if (Number.isInteger(group)) {
    chownSync(kvm, 0, group)
    chmodSync(kvm, 0o660)
  }
  return true
}
