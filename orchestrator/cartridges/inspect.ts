import { join, relative } from 'node:path'
import type { Machine } from '../host/machine.ts'
import { shown } from '../host/plain-text.ts'
import {
  expectFile,
  expectFileOrNothing,
  expectFolder,
  expectFolderOrNothing,
  linkTarget,
  readJsonObject,
  unusable,
} from './checks.ts'
import { readDescription } from './description.ts'
import { type Layout, layout, stateFiles } from './layout.ts'
import { normalName } from './names/names.ts'
import type { Cartridge } from './types.ts'

/** The largest UEFI variable store that is believed; OVMF's has 528 KiB. */
const maxVarsBytes = 64 * 1024 * 1024

/**
 * One cartridge by its exact name in its present state, every part of it checked. Follows no link but the one of the
 * layout, and that only to where the layout says. Throws DeskvisorError `no-cartridge` with one sentence for anything
 * missing or not as it should be.
 */
export function readCartridge(machine: Machine, name: string): Cartridge {
  return readAt(machine, name, (places, title) => presentState(places, title))
}

/**
 * The same with another state or snapshot than the present: `statePath` is the absolute path of a folder in `states/`
 * or `snapshots/` of this cartridge. Throws DeskvisorError `no-cartridge`.
 */
export function cartridgeAtState(machine: Machine, name: string, statePath: string): Cartridge {
  return readAt(machine, name, (places, title) => {
    const place = relative(places.folder, statePath)
    const [, parent = ''] = /^(states|snapshots)\/[^/.][^/]*$/.exec(place) ?? []
    if (parent === '') throw unusable(`${shown(place)} is not a state of ${title}.`)
    expectFolder(join(places.folder, parent), `The folder of ${parent} of ${title}`)
    return join(places.folder, place)
  })
}

/** Looks at what all snapshots of a cartridge have in common, and none of them can mend. Throws DeskvisorError `no-cartridge`. */
export function expectShared(machine: Machine, name: string): void {
  const places = layout(join(machine.paths.cartridges, name))
  readDescription(places.description, shown(name))
  expectDataDiskOrNothing(places, shown(name))
}

function expectDataDiskOrNothing({ data }: Layout, title: string): boolean {
  return expectFileOrNothing(data, `The disk for data of ${title}`, Number.MAX_SAFE_INTEGER)
}

function readAt(
  machine: Machine,
  name: string,
  findState: (places: Layout, title: string) => string,
): Cartridge {
  const p = machine.paths
  const title = shown(name)
  if (normalName(name) !== name) throw unusable(`${title} is not the name of an operating system.`)
  expectFolder(p.cartridges, 'The folder of operating systems')
  const places = layout(join(p.cartridges, name))
  expectFolder(places.folder, `The operating system ${title}`)
  const about = readDescription(places.description, title)
  const state = findState(places, title)
  const files = stateFiles(state)
  expectFolder(state, `The state of ${title}`)
  expectFile(files.disk, `The disk of ${title}`, Number.MAX_SAFE_INTEGER)
  expectFile(files.uefiVars, `The UEFI variables of ${title}`, maxVarsBytes)
  expectFolderOrNothing(files.tpm, `The TPM state of ${title}`)
  readJsonObject(files.description, `state.json of ${title}`)
  const hasData = expectDataDiskOrNothing(places, title)
  return {
    name,
    title: about.title ?? name,
    note: about.note,
    uuid: about.uuid,
    folder: places.folder,
    state,
    disk: files.disk,
    uefiVars: files.uefiVars,
    tpm: files.tpm,
    dataDisk: hasData ? places.data : null,
    freeze: about.freeze,
    reset: about.reset,
    golden: about.golden,
  }
}

function presentState(places: Layout, title: string): string {
  const target = linkTarget(places.presentLink, `The present state of ${title}`)
  if (target === undefined) throw unusable(`${title} has no present state.`)
  if (!/^states\/\d{4,9}$/.test(target)) {
    throw unusable(
      `The present state of ${title} points to ${shown(target)}, which is not one of its states.`,
    )
  }
  expectFolder(places.states, `The folder of states of ${title}`)
  return join(places.folder, target)
}
