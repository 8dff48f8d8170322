import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { readJson } from '../host/atomic.ts'
import type { Machine } from '../host/machine.ts'
import { type Layout, layout } from './layout.ts'
import { noSuchCartridge } from './lock.ts'
import { knownName } from './names/known.ts'
import { readSettings, type Settings } from './settings.ts'
import { type StateStore, stateStore } from './store/index.ts'

/** A state and its number, `0007` for example. */
export type State = { number: string; path: string }

/**
 * A cartridge that is there, damaged or not, for whoever changes it while its lock is held, or only looks: where its parts lie,
 * which state is the present, what its settings are, and how its filesystem keeps states and snapshots.
 */
export class OpenedCartridge implements Layout {
  readonly machine: Machine
  readonly name: string
  readonly folder: string
  readonly description: string
  readonly presentLink: string
  readonly states: string
  readonly snapshots: string
  readonly timeline: string
  readonly trying: string
  readonly data: string
  #store: StateStore | undefined

  constructor(machine: Machine, name: string) {
    this.machine = machine
    this.name = name
    const places = layout(join(machine.paths.cartridges, name))
    this.folder = places.folder
    this.description = places.description
    this.presentLink = places.presentLink
    this.states = places.states
    this.snapshots = places.snapshots
    this.timeline = places.timeline
    this.trying = places.trying
    this.data = places.data
  }

  /** Throws the errno of statfs(2). */
  get store(): StateStore {
    this.#store ??= stateStore(this.folder)
    return this.#store
  }

  /** The state that the present link points to; null when it points to none, as in a damaged cartridge. Never throws. */
  present(): State | null {
    const number = /^states\/(\d{4,9})$/.exec(targetOf(this.presentLink))?.[1]
    return number === undefined ? null : this.state(number)
  }

  /** Null when there is no such state. */
  state(number: string): State | null {
    const path = join(this.states, number)
    return isFolder(this.states) && isFolder(path) ? { number, path } : null
  }

  settings(): Settings {
    return readSettings(readJson(this.description))
  }
}

/**
 * Opens a cartridge, whatever the case or Unicode form of the name that a person typed. Throws DeskvisorError
 * `no-such-cartridge` (exit 2).
 */
export function openCartridge(machine: Machine, typed: string): OpenedCartridge {
  const opened = new OpenedCartridge(machine, exactName(machine, typed))
  if (!isFolder(opened.folder)) throw noSuchCartridge(opened.name)
  return opened
}

/** A real folder, and no link to one: nothing is ever followed out of a cartridge. */
export function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function exactName(machine: Machine, typed: string): string {
  try {
    return knownName(machine, typed)
  } catch {
    throw noSuchCartridge(typed)
  }
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return ''
  }
}
