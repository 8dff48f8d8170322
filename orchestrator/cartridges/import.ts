import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { readTextOr, syncFile, syncFolder, writeFileAtomic } from '../host/atomic.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../host/errors.ts'
import { paths } from '../host/paths.ts'
import { runOrThrow } from '../host/process.ts'
import { copyDisk, type Progress } from './copy-disk.ts'
import { readCartridge } from './inspect.ts'
import { layout, stateFiles } from './layout.ts'
import { withStoreLock } from './lock.ts'
import { checkedName, sameName } from './names.ts'
import { inspectSource, type Source } from './source.ts'
import type { Cartridge } from './types.ts'

/** No cartridge's name begins with a dot, so nothing takes an unfinished import for a cartridge. */
const unfinishedPrefix = '.import-'
/** The empty variable store that belongs to OVMF_CODE_4M.fd (Debian's ovmf package). */
const varsTemplate = 'usr/share/OVMF/OVMF_VARS_4M.fd'
/** BTRFS_SUPER_MAGIC, statfs(2). */
const btrfsMagic = 0x9123683e

export type ImportRequest = {
  root: string
  /** A raw disk: a file or a block device. */
  file: string
  name: string
  title?: string
  /** Called with bytes of the disk. */
  onProgress?: Progress
}

/**
 * Makes a cartridge from a raw disk. It is built under another name and renamed at the end, so a crash leaves no
 * half cartridge; what an interrupted import left behind is removed by the next one.
 * Throws DeskvisorError `bad-name`, `name-taken`, `bad-disk` (all exit 2), `no-space`, `busy`, `no-firmware`, `import-failed`.
 */
export async function importCartridge(request: ImportRequest): Promise<Cartridge> {
  const name = checkedName(request.name)
  const source = await inspectSource(request.file)
  const store = paths(request.root).cartridges
  await withStoreLock(request.root, async () => {
    refuseTakenName(store, name)
    sweepUnfinished(store)
    const unfinished = join(store, unfinishedPrefix + name)
    try {
      await build(request, unfinished, source)
      renameSync(unfinished, join(store, name))
      syncFolder(store)
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true })
      throw asImportError(error)
    }
  })
  return readCartridge(request.root, name)
}

function refuseTakenName(store: string, name: string): void {
  const taken = readdirSync(store).find((entry) => sameName(entry, name))
  if (taken === undefined) return
  throw new DeskvisorError('name-taken', `There is already an operating system with the name ${taken}.`, {
    hint: 'Choose another name.',
    exitCode: 2,
  })
}

/** Safe while the lock is held: no other import is alive. Removing an emptied subvolume works like removing a folder. */
function sweepUnfinished(store: string): void {
  for (const entry of readdirSync(store)) {
    if (entry.startsWith(unfinishedPrefix)) rmSync(join(store, entry), { recursive: true, force: true })
  }
}

async function build(request: ImportRequest, folder: string, source: Source): Promise<void> {
  const places = layout(folder)
  const present = 'states/0001'
  const state = join(folder, present)
  mkdirSync(places.states, { recursive: true })
  await makeStateFolder(state)
  const files = stateFiles(state)
  await copyDisk(request.file, files.disk, source.size, source.allocated, request.onProgress ?? (() => {}))
  copyVars(request.root, files.uefiVars)
  const created = new Date().toISOString()
  writeFileAtomic(files.description, `${JSON.stringify({ created })}\n`)
  const about = { uuid: randomUUID(), created, ...(request.title ? { title: request.title } : {}) }
  writeFileAtomic(places.description, `${JSON.stringify(about, null, 2)}\n`)
  symlinkSync(present, places.present)
  giveToConsole(request.root, [files.disk, files.uefiVars])
  for (const changed of [state, places.states, folder]) syncFolder(changed)
}

/** One subvolume a state makes one atomic snapshot of everything in it possible. */
async function makeStateFolder(state: string): Promise<void> {
  if (statfsSync(join(state, '..')).type === btrfsMagic) {
    await runOrThrow('btrfs', ['subvolume', 'create', state], { timeoutMs: 60_000 })
  } else {
    mkdirSync(state)
  }
}

function copyVars(root: string, target: string): void {
  const template = join(root, varsTemplate)
  if (!existsSync(template)) {
    throw new DeskvisorError('no-firmware', `The UEFI variable template ${template} is missing.`, {
      hint: 'Install the package ovmf.',
    })
  }
  copyFileSync(template, target, constants.COPYFILE_EXCL)
  chmodSync(target, 0o600)
  syncFile(target)
}

/** QEMU runs as this user and gets nothing else of the cartridge to write. */
function giveToConsole(root: string, files: readonly string[]): void {
  if (root !== '/') return
  const passwd = readTextOr('/etc/passwd', '')
  const [, uid, gid] = /^deskvisor-console:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? []
  if (uid === undefined || gid === undefined) return
  for (const file of files) chownSync(file, Number(uid), Number(gid))
}

function asImportError(error: unknown): unknown {
  if (error instanceof DeskvisorError) return error
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new DeskvisorError(
      'no-space',
      'The data partition became full during the import; nothing was kept.',
    )
  }
  return new DeskvisorError('import-failed', `The import failed: ${sentenceOf(error)}; nothing was kept.`, {
    cause: error,
  })
}
