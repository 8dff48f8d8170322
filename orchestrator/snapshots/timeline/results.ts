import { join } from 'node:path'
import { isFolder, type OpenedCartridge } from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { changing } from '../change.ts'
import { changeNotes, type Notes } from './notes.ts'

/** How many results are written down while the lock is held. */
const mostTogether = 50

/** Results on their way into the notes: so many together, because every change of a timeline looks for leftovers first. */
export class Results {
  readonly #opened: OpenedCartridge
  #pending = new Map<string, Partial<Notes>>()

  constructor(opened: OpenedCartridge) {
    this.#opened = opened
  }

  async add(snapshot: string, measured: Partial<Notes>): Promise<void> {
    this.#pending.set(snapshot, measured)
    if (this.#pending.size % mostTogether === 0) await this.noteAll()
  }

  /** Gives the names of those that cannot be noted now, because somebody else changes the timeline for example. */
  async noteAll(): Promise<string[]> {
    if (this.#pending.size === 0) return []
    const { machine, name } = this.#opened
    try {
      await changing(machine, name, (opened) => {
        for (const [snapshot, measured] of this.#pending) {
          if (isFolder(join(opened.snapshots, snapshot))) changeNotes(opened, snapshot, measured)
        }
      })
      this.#pending.clear()
    } catch (error) {
      log.debug(`Sizes of moments of ${name} cannot be noted now: ${sentenceOf(error)}`)
    }
    return [...this.#pending.keys()]
  }
}
