import type { Duplex } from 'node:stream'

const ctrlA = 1
/** Has the menu ask how large the terminal is, and draw itself anew. A serial line has no other way to tell. */
const ctrlL = '\x0c'
/**
 * The menu hides the cursor, draws in colours, and may leave a part of the screen that scrolls alone; the shell that comes back
 * wants none of it, and begins below all that is there.
 */
const givenBack = '\x1b[r\x1b[0m\x1b(B\x1b[?25h\x1b[999;1H\r\n'

/** The terminal of the person: this process's, or a test's. */
type Outer = {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(raw: boolean): unknown }
  /** `resize`: a terminal's own event. */
  stdout: {
    write(bytes: string | Buffer): unknown
    on(event: 'resize', listener: () => void): unknown
    off(event: 'resize', listener: () => void): unknown
  }
}

/**
 * Makes this terminal the one on the PC's serial line. Resolves with true when the person ends it by Ctrl-A, then X, and with
 * false when `signal` ends it. Ctrl-A twice is one for the PC. `isDrawn`: something is on the PC's terminal already, and is
 * asked for again, as it is whenever the terminal's size changes.
 */
export function joinTerminal(
  serial: Duplex,
  { isDrawn, signal }: { isDrawn: boolean; signal: AbortSignal },
  { stdin, stdout }: Outer = process,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const keys = new Keys()
  const onKeys = (bytes: Buffer) => {
    const { toPc, ends } = keys.take(bytes)
    if (toPc.length > 0) serial.write(toPc)
    if (ends) resolve(true)
  }
  const onOutput = (bytes: Buffer) => stdout.write(bytes)
  const onResize = () => serial.write(ctrlL)
  const rawMode = (on: boolean) => stdin.isTTY && stdin.setRawMode?.(on)
  rawMode(true)
  stdin.on('data', onKeys)
  serial.on('data', onOutput)
  stdout.on('resize', onResize)
  signal.addEventListener('abort', () => resolve(false), { once: true })
  if (isDrawn) serial.write(ctrlL)
  return promise.finally(() => {
    stdin.off('data', onKeys).pause()
    serial.off('data', onOutput)
    stdout.off('resize', onResize)
    rawMode(false)
    stdout.write(givenBack)
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
