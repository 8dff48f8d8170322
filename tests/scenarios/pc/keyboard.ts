import { setTimeout as sleep } from 'node:timers/promises'
import { chordOf, qcodeOf } from './keys.ts'
import type { Qmp } from './qmp.ts'

/** A PC keyboard repeats a held key about thirty times a second. */
const typematicMs = 33

/** The keyboard of a virtual PC and the fingers on it. */
export class Keyboard {
  readonly #qmp: Qmp
  readonly #releases = new Set<() => void>()
  #lastKeyboard = 0

  constructor(qmp: Qmp) {
    this.#qmp = qmp
  }

  /** Holds a key down, repeating as a keyboard does, until the returned function is called. */
  hold(key: string): () => Promise<void> {
    const qcode = qcodeOf(key)
    let held = true
    const stop = () => {
      held = false
    }
    this.#releases.add(stop)
    const repeating = (async () => {
      while (held) {
        await this.#key(qcode, true)
        await sleep(typematicMs)
      }
      await this.#key(qcode, false)
    })().catch(() => undefined)
    return async () => {
      stop()
      this.#releases.delete(stop)
      await repeating
    }
  }

  /** Presses a key, or several together, for a tenth of a second. */
  async tap(...keys: string[]): Promise<void> {
    const qcodes = keys.map(qcodeOf)
    for (const qcode of qcodes) await this.#key(qcode, true)
    await sleep(100)
    for (const qcode of qcodes.reverse()) await this.#key(qcode, false)
    await sleep(50)
  }

  async type(text: string): Promise<void> {
    for (const character of text) await this.tap(...chordOf(character))
  }

  /** Plugs a USB keyboard in while the PC runs. */
  async plugAnother(): Promise<void> {
    const id = `late-keyboard${this.#lastKeyboard++}`
    await this.#qmp.command('device_add', { driver: 'usb-kbd', id, bus: 'usb0.0' })
  }

  /** Lets go of every key that is held. */
  releaseAll(): void {
    for (const release of this.#releases) release()
  }

  async #key(data: string, down: boolean): Promise<void> {
    const event = { type: 'key', data: { down, key: { type: 'qcode', data } } }
    await this.#qmp.command('input-send-event', { events: [event] })
  }
}
