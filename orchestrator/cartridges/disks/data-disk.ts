import { lstatSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFolder } from '../../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { unusable } from '../checks.ts'
import { readCartridge } from '../inspect.ts'
import { layout } from '../layout.ts'
import { withCartridgeLock } from '../lock.ts'
import { giveToConsole } from '../make/new-state.ts'
import { knownName } from '../names/known.ts'
import { isRunning, refuseRunning } from '../running.ts'
import type { Cartridge } from '../types.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'
import { copyDisk, reflink } from './copy-disk.ts'
import { enlarge } from './grow.ts'
import { checkDiskSize, makeRoom } from './space.ts'
import { finishDisk, wholeSectors } from './sparse-file.ts'

/**
 * Gives a cartridge a disk for data of `sizeBytes`, rounded up to whole sectors, or makes the one that it has larger; it
 * occupies nothing yet. The guest finds it at the next start of the console, and puts a filesystem on it itself.
 * Throws DeskvisorError `bad-size` (exit 2) when it would not be larger, or too large for this machine,
 * `no-such-cartridge`, `bad-name` (both exit 2), `no-cartridge`, `in-use` (only for one that is there), `no-space`,
 * `busy`.
 */
export async function setDataDisk(
  machine: Machine,
  name: string,
  sizeBytes: number,
): Promise<{ created: boolean }> {
  const known = knownName(machine, name)
  return withCartridgeLock(machine, known, async () => {
    const { folder, dataDisk } = readCartridge(machine, known)
    checkDiskSize(folder, sizeBytes)
    if (dataDisk === null) {
      await makeRoom(machine, 0)
      await createDataDisk(machine, layout(folder).data, wholeSectors(sizeBytes))
      return { created: true }
    }
    await refuseRunning(machine, known, 'get a larger disk for data')
    await makeRoom(machine, 0)
    await enlarge(dataDisk, sizeBytes, `The disk for data of ${known}`)
    return { created: false }
  })
}

/**
 * Removes the disk for data for ever, also one that is damaged. Throws DeskvisorError `no-data-disk`, `no-such-cartridge`,
 * `bad-name` (all exit 2), `no-cartridge` when a folder is in its place, `in-use`, `busy`.
 */
export async function removeDataDisk(machine: Machine, name: string): Promise<void> {
  const known = knownName(machine, name)
  await withCartridgeLock(machine, known, async () => {
    const { data, folder } = layout(join(machine.paths.cartridges, known))
    const stats = lstatSync(data, { throwIfNoEntry: false })
    if (stats === undefined) throw noDataDisk(known)
    if (stats.isDirectory()) throw unusable(`The disk for data of ${shown(known)} is a folder.`)
    await refuseRunning(machine, known, 'lose its disk for data')
    unlinkSync(data)
    forgetForGood(folder, known)
  })
}

function forgetForGood(folder: string, name: string): void {
  try {
    syncFolder(folder)
  } catch (error) {
    const sentence = `The disk for data of ${shown(name)} is removed, but a power cut may bring it back: ${sentenceOf(error)}.`
    throw new DeskvisorError('half-done', sentence, { cause: error })
  }
}

/**
 * Copies the disk for data, where there is one, to `target`: by shared blocks where the filesystem can, which happens in
 * one moment, else by bytes, which nobody may write to meanwhile. For use under the cartridge's lock. Throws `in-use`, `no-space`.
 */
export async function copyDataDisk(
  machine: Machine,
  { name, dataDisk }: Cartridge,
  target: string,
  onProgress: (doneBytes: number) => void,
): Promise<void> {
  if (dataDisk === null) return
  const { size, blocks } = statSync(dataDisk)
  if (await reflink(dataDisk, target)) await finishDisk(target, size)
  else if (await isRunning(machine, name)) throw beingWritten(name)
  else await copyDisk(dataDisk, target, size, blocks * 512, onProgress)
  giveToConsole(machine, [target])
}

/** Made beside, so that a crash leaves a whole disk or none; what is left beside is swept with the rest (snapshots/sweep.ts). The name: store/index.ts. */
async function createDataDisk(machine: Machine, path: string, bytes: number): Promise<void> {
  const beside = join(dirname(path), `${unfinishedPrefix}data.raw`)
  rmSync(beside, { recursive: true, force: true })
  try {
    await (await open(beside, 'wx', 0o600)).close()
    giveToConsole(machine, [beside])
    await finishDisk(beside, bytes)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  syncFolder(dirname(path))
}

function noDataDisk(name: string): DeskvisorError {
  return new DeskvisorError('no-data-disk', `${shown(name)} has no disk for data.`, {
    hint: 'deskvisor cartridge data NAME SIZE gives it one.',
    exitCode: 2,
  })
}

function beingWritten(name: string): DeskvisorError {
  return new DeskvisorError(
    'in-use',
    `${shown(name)} is running, and its disk for data cannot be copied now.`,
    {
      hint: 'Shut the desktop down first.',
    },
  )
}
