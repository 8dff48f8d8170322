import { randomUUID } from 'node:crypto'
import { closeSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { syncFolder, writeFileAtomic } from '../../host/atomic.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import type { Machine } from '../../host/machine.ts'
import { storageError } from '../../host/storage-error.ts'
import { keepReserve } from '../../space/index.ts'
import { readCartridge } from '../inspect.ts'
import { layout } from '../layout.ts'
import { lockFolder, withStoreLock } from '../lock.ts'
import { refuseTakenName, storeEntries } from '../names/known.ts'
import { sameName } from '../names/names.ts'
import { stateStore } from '../store/index.ts'
import { isUnfinished, sweepStore, unfinishedPrefixes } from '../trash/sweep-store.ts'
import type { Cartridge } from '../types.ts'
import { isInterruption } from './interruption.ts'

/** Publishing after an hour of work must not fail because somebody else takes a name at that moment. */
const publishWaitMs = 30_000

export type Building = {
  machine: Machine
  /** Checked already (names.ts). */
  name: string
  kind: keyof typeof unfinishedPrefixes
  /** More for cartridge.json than uuid and created. */
  about: { title?: string; note?: string; freeze?: false }
  /** Whether what an interrupted attempt left in this folder is to be kept and continued. */
  continues?: (folder: string) => boolean
  /** Whether what was made so far is kept when Deskvisor itself is told to end; never unless given. */
  keepsHalf?: (folder: string) => boolean
  /** Makes `states/0001`, whole, in the folder. */
  fill: (folder: string) => Promise<void>
  signal?: AbortSignal | undefined
}

/**
 * Makes a cartridge under a name that nobody takes for one, and renames it at the end: a crash leaves no half
 * cartridge. The list of cartridges is locked only for those two moments; in between the unfinished folder is locked,
 * which tells it from a leftover. Leftovers of others are swept. On an error or abort nothing is kept.
 * Throws DeskvisorError `name-taken` (exit 2), `busy`, `no-space`, `cancelled`, `import-failed`, and what `fill` throws.
 */
export async function buildCartridge(building: Building): Promise<Cartridge> {
  const { machine, name } = building
  const store = machine.paths.cartridges
  const folder = join(store, unfinishedPrefixes[building.kind] + name)
  const descriptor = await withStoreLock(machine, () => claim(building, folder))
  try {
    await building.fill(folder)
    describe(folder, building.about)
    await withStoreLock(
      machine,
      () => {
        building.signal?.throwIfAborted()
        refuseTakenName(machine, name)
        renameSync(folder, join(store, name))
        syncFolder(store)
      },
      { waitMs: publishWaitMs },
    )
  } catch (error) {
    const keeps = isInterruption(building.signal) && building.keepsHalf?.(folder) === true
    if (!keeps) await removeHalf(folder)
    throw asBuildError(error, building.signal, keeps)
  } finally {
    closeSync(descriptor)
  }
  await keepReserve(machine)
  return readCartridge(machine, name)
}

async function claim({ machine, name, continues }: Building, folder: string): Promise<number> {
  refuseTakenName(machine, name)
  const own = basename(folder)
  await sweepStore(machine, (entry) => entry === own && continues?.(folder) === true)
  refuseBuiltName(machine, name, own)
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o755 })
  const descriptor = lockFolder(folder)
  if (descriptor === undefined) throw nameBeingBuilt(name)
  return descriptor
}

/** What made the work fail is what a person has to hear, and not that its rest cannot be removed either. */
async function removeHalf(folder: string): Promise<void> {
  try {
    await stateStore(dirname(folder)).remove(folder)
  } catch (error) {
    log.warning(`The leftover ${basename(folder)} cannot be removed: ${sentenceOf(error)}`)
  }
}

/** After the sweep, what is unfinished is being made by somebody, or is our own to continue. */
function refuseBuiltName(machine: Machine, name: string, own: string): void {
  const names = storeEntries(machine).filter((entry) => isUnfinished(entry) && entry !== own)
  const same = names.find((entry) => sameName(entry.replace(/^\.(import|new)-/, ''), name))
  if (same !== undefined) throw nameBeingBuilt(name)
}

function nameBeingBuilt(name: string): DeskvisorError {
  return new DeskvisorError('busy', `An operating system with the name ${name} is being made already.`, {
    next: 'Wait for it to end, or choose another name.',
  })
}

function describe(folder: string, more: Building['about']): void {
  const places = layout(folder)
  const about = { uuid: randomUUID(), created: new Date().toISOString(), ...more }
  writeFileAtomic(places.description, `${JSON.stringify(about, null, 2)}\n`)
  rmSync(places.presentLink, { force: true })
  symlinkSync('states/0001', places.presentLink)
  mkdirSync(places.snapshots, { recursive: true })
  for (const changed of [places.states, folder]) syncFolder(changed)
}

/** What a person reads after an abort. */
export function cancelled(signal: AbortSignal, keeps: boolean): DeskvisorError {
  if (!isInterruption(signal)) return new DeskvisorError('cancelled', 'It was cancelled; nothing was kept.')
  const what = keeps ? 'what was copied is kept' : 'nothing was kept'
  return new DeskvisorError(
    'interrupted',
    `It was interrupted, because Deskvisor was told to end; ${what}.`,
    {
      next: keeps ? 'The same import goes on from there.' : 'Start it again.',
    },
  )
}

function asBuildError(error: unknown, signal: AbortSignal | undefined, keeps: boolean): unknown {
  if (signal?.aborted) return cancelled(signal, keeps)
  if (error instanceof DeskvisorError) return error
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new DeskvisorError('no-space', 'The data partition became full; nothing was kept.', {
      next: { do: 'free-space' },
    })
  }
  const failed = `It failed: ${sentenceOf(error)}; nothing was kept.`
  return storageError(error) ?? new DeskvisorError('import-failed', failed, { cause: error })
}
