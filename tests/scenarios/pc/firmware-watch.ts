import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Qmp } from './qmp.ts'

/**
 * Seconds after a reset in which the firmware sets the PC's clock, which QEMU reports; half of it on a busy machine. Once in
 * a hundred resets an emulated PC stands still instead, before its first instruction, and another reset gets it going.
 */
const firmwareS = 60

/** Sees to it that a PC which was reset gets going. */
export class FirmwareWatch {
  readonly #qmp: Qmp
  readonly #results: string
  #timer: NodeJS.Timeout | undefined

  constructor(qmp: Qmp, results: string) {
    this.#qmp = qmp
    this.#results = results
  }

  /** What the processors were at is kept, for whoever finds out why they stand still. */
  expect(): void {
    clearTimeout(this.#timer)
    const resetAgain = async () => {
      const registers = await this.#qmp.command<string>('human-monitor-command', {
        'command-line': 'info registers -a',
      })
      await writeFile(join(this.#results, `stood-still-${Date.now()}.txt`), registers)
      console.log('The virtual PC stood still after a reset; it is reset again.')
      await this.#qmp.command('system_reset')
    }
    this.#timer = setTimeout(() => void resetAgain().catch(() => undefined), firmwareS * 1000)
    this.#timer.unref()
  }

  /** The firmware ran, or nothing will any more. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
