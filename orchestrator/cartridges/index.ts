import type { Machine } from '../host/machine.ts'
import type { CloneRequest } from './clone/clone.ts'
import type { ExportRequest } from './export/export.ts'
import type { ImportRequest } from './import/import.ts'
import type { CreateRequest } from './make/create.ts'
import type { Trashed } from './trash/trash.ts'
import type { Cartridge, Progress } from './types.ts'

export { insertedCartridge, isInserted } from './console-link/inserted.ts'
export { type CartridgeChange, describeCartridge } from './describe.ts'
export { isSnapshotName } from './description.ts'
export { cartridgeAtState, expectShared, readCartridge } from './inspect.ts'
export { stateFiles } from './layout.ts'
export { type ListedCartridge, listCartridges } from './list.ts'
export { withCartridgeLock } from './lock.ts'
export { interruption } from './make/interruption.ts'
export { knownName } from './names/known.ts'
export { isFolder, OpenedCartridge, openCartridge, type State } from './opened.ts'
export { nextStateNumber, swapPresent } from './present.ts'
export { type StateStore, stateStore } from './store/index.ts'
export { unfinishedPrefix } from './unfinished-prefix.ts'
export type { Cartridge, CloneRequest, CreateRequest, ExportRequest, ImportRequest, Progress, Trashed }

// What follows is loaded when it is used, because every boot loads this file. Each is described in its own file.

export async function createCartridge(request: CreateRequest): Promise<Cartridge> {
  return (await import('./make/create.ts')).createCartridge(request)
}

export async function importCartridge(request: ImportRequest): Promise<Cartridge> {
  return (await import('./import/import.ts')).importCartridge(request)
}

export async function exportCartridge(request: ExportRequest): Promise<void> {
  return (await import('./export/export.ts')).exportCartridge(request)
}

export async function cloneCartridge(request: CloneRequest): Promise<Cartridge> {
  return (await import('./clone/clone.ts')).cloneCartridge(request)
}

export async function insertCartridge(machine: Machine, name: string): Promise<Cartridge> {
  return (await import('./console-link/insert.ts')).insertCartridge(machine, name)
}

/** Resolves with the new name as it is stored. */
export async function renameCartridge(machine: Machine, name: string, newName: string): Promise<string> {
  return (await import('./names/rename.ts')).renameCartridge(machine, name, newName)
}

/** Resolves with its entry in the trash. */
export async function deleteCartridge(machine: Machine, name: string): Promise<string> {
  return (await import('./trash/trash.ts')).deleteCartridge(machine, name)
}

/** Newest first. */
export async function listTrash(machine: Machine): Promise<Trashed[]> {
  return (await import('./trash/trash.ts')).listTrash(machine)
}

/** Resolves with its name. */
export async function restoreCartridge(machine: Machine, entry: string, name?: string): Promise<string> {
  return (await import('./trash/trash.ts')).restoreCartridge(machine, entry, name)
}

/** Oldest first, until `enough` says so; everything unless given. */
export async function emptyTrash(
  machine: Machine,
  options: { enough?: () => Promise<boolean> } = {},
): Promise<{ removed: string[] }> {
  return (await import('./trash/empty-trash.ts')).emptyTrash(machine, options)
}

export async function freeUnneeded(machine: Machine, isEnough: () => boolean): Promise<string[]> {
  return (await import('./trash/free-unneeded.ts')).freeUnneeded(machine, isEnough)
}

/** Removes what crashes left among the cartridges, but not a half import that can go on. Never rejects. */
export async function sweepLeftovers(machine: Machine): Promise<string[]> {
  return (await import('./trash/sweep-store.ts')).sweepLeftovers(machine)
}

/** Gives it a disk for data, or makes the one that it has larger. */
export async function setDataDisk(
  machine: Machine,
  name: string,
  sizeBytes: number,
): Promise<{ created: boolean }> {
  return (await import('./disks/data-disk.ts')).setDataDisk(machine, name, sizeBytes)
}

export async function removeDataDisk(machine: Machine, name: string): Promise<void> {
  return (await import('./disks/data-disk.ts')).removeDataDisk(machine, name)
}

export async function growDisk(machine: Machine, name: string, sizeBytes: number): Promise<void> {
  return (await import('./disks/grow.ts')).growDisk(machine, name, sizeBytes)
}
