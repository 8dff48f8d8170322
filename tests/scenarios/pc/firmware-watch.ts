import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { until } from '../fair-time.ts'
import type { Qmp } from './qmp.ts'

/**
 * Fair seconds after a reset in which the firmware sets the PC's clock, which QEMU reports; usually a tenth of it. Once in a
 * hundred resets an emulated PC stands still instead, before its first instruction, and another reset gets it going.
 */
const firmwareS = 60

/** Sees to it that a PC which was reset gets going. */
export class FirmwareWatch {
  readonly #qmp: Qmp
  readonly #results: string
  #going = new AbortController()

  constructor(qmp: Qmp, results: string) {
    this.#qmp = qmp
    this.#results = results
  }

  expect(): void {
    this.stop()
    this.#going = new AbortController()
    const { signal } = this.#going
    until('the firmware runs', () => undefined, { limitS: firmwareS, everyMs: 1000, signal }).catch(() => {
      if (!signal.aborted) void this.#resetAgain().catch(() => undefined)
    })
  }

  /** The firmware ran, or nothing will any more. */
  stop(): void {
    this.#going.abort()
  }

  /** What the processors were at is kept, for whoever finds out why they stand still. */
  async #resetAgain(): Promise<void> {
    const registers = await this.#qmp.command<string>('human-monitor-command', {
      'command-line': 'info registers -a',
    })
    await writeFile(join(this.#results, `stood-still-${Date.now()}.txt`), registers)
    console.log('The virtual PC stood still after a reset; it is reset again.')
    await this.#qmp.command('system_reset')
  }
}
