import type { Socket } from 'node:net'

const ctrlA = 1
const ctrlL = '\x0c'

/**
 * Makes this terminal the one on the PC's serial line. Resolves with true when the person ends it by Ctrl-A, then X, and with
 * false when `signal` ends it. Ctrl-A twice is one for the PC. `isDrawn`: something is on the PC's terminal already, and is
 * asked for again.
 */
export function joinTerminal(
  serial: Socket,
  { isDrawn, signal }: { isDrawn: boolean; signal: AbortSignal },
): Promise<boolean> {
  const { stdin, stdout } = process
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const keys = new Keys()
  const onKeys = (bytes: Buffer) => {
    const { toPc, ends } = keys.take(bytes)
    if (toPc.length > 0) serial.write(toPc)
    if (ends) resolve(true)
  }
  const onOutput = (bytes: Buffer) => stdout.write(bytes)
  const rawMode = (on: boolean) => stdin.isTTY && stdin.setRawMode(on)
  rawMode(true)
  stdin.on('data', onKeys)
  serial.on('data', onOutput)
  signal.addEventListener('abort', () => resolve(false), { once: true })
  if (isDrawn) serial.write(ctrlL)
  return promise.finally(() => {
    stdin.off('data', onKeys).pause()
    serial.off('data', onOutput)
    rawMode(false)
    // The menu hides the cursor and draws in colours; the shell that comes back wants neither.
    stdout.write('\x1b[0m\x1b[?25h\r\n')
  })
}

/** Tells what is meant for the PC from what is meant for us. */
export class Keys {
  #afterCtrlA = false

  take(bytes: Buffer): { toPc: Buffer; ends: boolean } {
    const toPc: number[] = []
    for (const byte of bytes) {
      if (this.#afterCtrlA) {
        this.#afterCtrlA = false
        if (/x/i.test(String.fromCharCode(byte))) return { toPc: Buffer.from(toPc), ends: true }
        if (byte === ctrlA) toPc.push(byte)
      } else if (byte === ctrlA) this.#afterCtrlA = true
      else toPc.push(byte)
    }
    return { toPc: Buffer.from(toPc), ends: false }
  }
}
