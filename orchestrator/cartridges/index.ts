import type { ImportRequest } from './import.ts'
import type { Cartridge } from './types.ts'

export { insertedCartridge } from './inspect.ts'
export { type ListedCartridge, listCartridges } from './list.ts'
export type { Cartridge, ImportRequest }

/** See import.ts; loaded when it is used, because every boot loads this file. */
export async function importCartridge(request: ImportRequest): Promise<Cartridge> {
  const room = await import('./import.ts')
  return room.importCartridge(request)
}

/** See insert.ts; loaded when it is used. */
export async function insertCartridge(root: string, name: string): Promise<Cartridge> {
  const room = await import('./insert.ts')
  return room.insertCartridge(root, name)
}
