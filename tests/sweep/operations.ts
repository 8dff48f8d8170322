import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  cloneCartridge,
  deleteCartridge,
  emptyTrash,
  importCartridge,
  insertCartridge,
  insertedCartridge,
  listCartridges,
  removeDataDisk,
  renameCartridge,
  setDataDisk,
} from '../../orchestrator/cartridges/index.ts'
import { removedSubvolumesAreFreed } from '../../orchestrator/host/btrfs-search.ts'
import { DeskvisorError, isErrno } from '../../orchestrator/host/errors.ts'
import type { Machine } from '../../orchestrator/host/machine.ts'
import { run } from '../../orchestrator/host/process.ts'
import {
  armTry,
  deleteSnapshot,
  dropTry,
  keepTry,
  makeRoomForSnapshots,
  prepareStart,
  prune,
  readTimeline,
  rollBack,
  takeSnapshot,
  undoRollBack,
} from '../../orchestrator/snapshots/index.ts'

/** A source of chance that gives the same for the same seed (mulberry32). */
export type Chance = { below(limit: number): number; pick<T>(from: readonly T[]): T }

export function chance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  const pick = <T>(from: readonly T[]): T => {
    if (from.length === 0) throw impossible('There is nothing to choose from.')
    return from[below(from.length)] as T
  }
  return { below, pick }
}

export type Operation = {
  name: string
  /** Not ours, so that it may fail as it likes. */
  byOthers?: true
  /** Must not be refused because the disk is full, as long as there is a whole reserve. */
  always?: true
  /** The guest writes to the present and its disk for data itself, so only the snapshots must be as they were. */
  writesPresent?: true
  run: (machine: Machine, chance: Chance) => Promise<unknown>
}

const block = 65_536
/** Small, because every byte of every cartridge is read at every point. */
export const diskBytes = 4 * block
const mostSnapshots = 8
const mostCartridges = 3

/** What people and timers do to the store. Each may be refused. */
export const operations: readonly Operation[] = [
  { name: 'guest writes', byOthers: true, writesPresent: true, run: guestWrites },
  { name: 'take a moment', run: takeOne },
  {
    name: 'roll back',
    always: true,
    run: async (machine, by) => rollBack(machine, played(machine), anySnapshot(machine, by)),
  },
  { name: 'undo', run: async (machine) => undoRollBack(machine, played(machine)) },
  { name: 'try', run: async (machine, by) => armTry(machine, played(machine), anySnapshot(machine, by)) },
  {
    name: 'start',
    run: async (machine) => prepareStart(machine, insertedCartridge(machine), { relaunch: false }),
  },
  { name: 'keep', run: async (machine) => keepTry(machine, played(machine)) },
  { name: 'drop', run: async (machine) => dropTry(machine, played(machine)) },
  {
    name: 'delete a moment',
    run: async (machine, by) => deleteSnapshot(machine, played(machine), anySnapshot(machine, by)),
  },
  { name: 'prune', run: async (machine) => prune(machine, played(machine)) },
  {
    name: 'switch',
    run: async (machine, by) => insertCartridge(machine, by.pick(listCartridges(machine)).name),
  },
  { name: 'import', run: importOne },
  {
    name: 'clone',
    run: async (machine, by) =>
      cloneCartridge({ machine, name: played(machine), newName: newName(machine, by) }),
  },
  {
    name: 'rename',
    run: async (machine, by) =>
      renameCartridge(machine, by.pick(listCartridges(machine)).name, newName(machine, by)),
  },
  {
    name: 'delete a cartridge',
    run: async (machine, by) =>
      deleteCartridge(machine, by.pick(listCartridges(machine).filter(({ inserted }) => !inserted)).name),
  },
  {
    name: 'give a disk for data',
    run: async (machine, by) => setDataDisk(machine, played(machine), by.below(4) * block),
  },
  { name: 'remove the disk for data', run: async (machine) => removeDataDisk(machine, played(machine)) },
  { name: 'empty the trash', run: async (machine) => emptyTrash(machine) },
]

/** What somebody else does to the disk, besides, in a sequence that is about full disks. */
export const fillings: readonly Operation[] = [
  { name: 'the disk fills', byOthers: true, run: async (machine) => fillContents(machine) },
  { name: 'the tables fill', byOthers: true, run: async (machine, by) => fillTables(machine, by) },
  { name: 'the disk is emptied', run: async (machine) => removeBallast(machine) },
]

/** The store that every sequence begins with: two operating systems, one of them inserted, with a snapshot each. */
export async function fillStore(machine: Machine, by: Chance): Promise<void> {
  for (const name of ['gondor', 'rohan']) {
    await importCartridge({ machine, file: diskFile(machine, by), name })
    await takeSnapshot(machine, name, { kind: 'manual' })
  }
  await insertCartridge(machine, 'gondor')
}

function played(machine: Machine): string {
  return insertedCartridge(machine).name
}

function anySnapshot(machine: Machine, by: Chance): string {
  return by.pick(readTimeline(machine, played(machine)).snapshots).name
}

/** What an operation of the sweep would be refused for, if it came to that. */
function impossible(sentence: string): DeskvisorError {
  return new DeskvisorError('internal', sentence)
}

function newName(machine: Machine, by: Chance): string {
  if (listCartridges(machine).length >= mostCartridges) throw impossible('There are enough cartridges.')
  return `os-${by.below(1_000_000)}`
}

async function takeOne(machine: Machine): Promise<void> {
  const name = played(machine)
  if (readTimeline(machine, name).snapshots.length >= mostSnapshots)
    throw impossible('There are enough moments.')
  await takeSnapshot(machine, name, { kind: 'manual' })
}

async function importOne(machine: Machine, by: Chance): Promise<void> {
  const name = newName(machine, by)
  await importCartridge({ machine, file: diskFile(machine, by), name })
}

async function guestWrites(machine: Machine, by: Chance): Promise<void> {
  const { disk, dataDisk } = insertedCartridge(machine)
  writeBlock(disk, by, by.below(diskBytes / block) * block)
  if (dataDisk !== null) writeBlock(dataDisk, by, 0)
}

function writeBlock(path: string, by: Chance, at: number): void {
  const file = openSync(path, 'r+')
  try {
    writeSync(file, noise(by, block), 0, block, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A file to import, outside of the store. */
function diskFile(machine: Machine, by: Chance): string {
  const folder = join(machine.paths.run, 'sources')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${existsSync(folder) ? readdirSync(folder).length : 0}.raw`)
  writeFileSync(file, noise(by, diskBytes))
  return file
}

function noise(by: Chance, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length; at += 512) bytes.writeUInt32LE(by.below(2 ** 32), at)
  return bytes
}

/** Beside the store, so that looking at every byte of that stays quick; nothing tells btrfs's space from a guest's. */
const ballast = (machine: Machine) => join(machine.paths.data, 'ballast')

async function fillContents(machine: Machine): Promise<void> {
  mkdirSync(ballast(machine), { recursive: true })
  for (let bytes = 64 * 2 ** 20; bytes >= 4096; ) {
    const file = join(ballast(machine), `${readdirSync(ballast(machine)).length}`)
    if ((await run('fallocate', ['--length', String(bytes), file])).status !== 0) bytes /= 2
  }
}

async function fillTables(machine: Machine, by: Chance): Promise<void> {
  const folder = join(ballast(machine), `tables-${by.below(1_000_000)}`)
  try {
    mkdirSync(folder, { recursive: true })
    for (let number = 0; ; number++) symlinkSync('x'.repeat(4000), join(folder, `${number}`))
  } catch (error) {
    if (!isErrno(error, 'ENOSPC', 'EEXIST')) throw error
  }
}

async function removeBallast(machine: Machine): Promise<void> {
  rmSync(ballast(machine), { recursive: true, force: true })
  await removedSubvolumesAreFreed(machine.paths.data)
  await makeRoomForSnapshots(machine)
}
