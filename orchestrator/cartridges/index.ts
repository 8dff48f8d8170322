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

export async function insertCartridge(root: string, name: string): Promise<Cartridge> {
  return (await import('./console-link/insert.ts')).insertCartridge(root, name)
}

/** Resolves with the new name as it is stored. */
export async function renameCartridge(root: string, name: string, newName: string): Promise<string> {
  return (await import('./names/rename.ts')).renameCartridge(root, name, newName)
}

/** Resolves with its entry in the trash. */
export async function deleteCartridge(root: string, name: string): Promise<string> {
  return (await import('./trash/trash.ts')).deleteCartridge(root, name)
}

/** Newest first. */
export async function listTrash(root: string): Promise<Trashed[]> {
  return (await import('./trash/trash.ts')).listTrash(root)
}

/** Resolves with its name. */
export async function restoreCartridge(root: string, entry: string, name?: string): Promise<string> {
  return (await import('./trash/trash.ts')).restoreCartridge(root, entry, name)
}

/** Oldest first, until `enough` says so; everything unless given. */
export async function emptyTrash(
  root: string,
  options: { enough?: () => Promise<boolean> } = {},
): Promise<{ removed: string[] }> {
  return (await import('./trash/empty-trash.ts')).emptyTrash(root, options)
}

/** Removes what crashes left among the cartridges, but not a half import that can go on. Never rejects. */
export async function sweepLeftovers(root: string): Promise<string[]> {
  return (await import('./trash/sweep-store.ts')).sweepLeftovers(root)
}

/** Gives it a disk for data, or makes the one that it has larger. */
export async function setDataDisk(
  root: string,
  name: string,
  sizeBytes: number,
): Promise<{ created: boolean }> {
  return (await import('./disks/data-disk.ts')).setDataDisk(root, name, sizeBytes)
}

export async function removeDataDisk(root: string, name: string): Promise<void> {
  return (await import('./disks/data-disk.ts')).removeDataDisk(root, name)
}

export async function growDisk(root: string, name: string, sizeBytes: number): Promise<void> {
  return (await import('./disks/grow.ts')).growDisk(root, name, sizeBytes)
}
