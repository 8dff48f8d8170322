import type { Input, Output } from './device.ts'

/** A terminal's size in character cells. */
export type Size = { rows: number; columns: number }

/** What every terminal of the last forty years has at least. */
export const DEFAULT_SIZE: Size = { rows: 24, columns: 80 }

/** How long a terminal may take to answer where its last cell is, in milliseconds, while nothing is shown yet. */
const PROBE_MS = 500
/** The same, when something is on the screen meanwhile. */
export const PATIENT_PROBE_MS = 5000

/**
 * The size that the kernel knows, or null where it knows none, which is so on every serial line (0x0).
 * Absurd sizes are brought into a range that can be drawn.
 */
export function knownSize(output: Output): Size | null {
  // Node remembers the size that there was when the stream was opened; ask again.
  const [columns, rows] = output.getWindowSize()
  if (!(columns > 0 && rows > 0)) return null
  return { rows: Math.min(rows, 300), columns: Math.min(columns, 600) }
}

/**
 * Asks the terminal itself: moves the cursor as far as it goes and has its position reported (CPR, ECMA-48 8.3.14).
 * Resolves with null when nothing sensible is answered in time. Input must be in raw mode; what a person typed
 * meanwhile is for whoever listens to it as well.
 */
export function probeSize(input: Input, output: Output, waitMs = PROBE_MS): Promise<Size | null> {
  const { promise, resolve } = Promise.withResolvers<Size | null>()
  let answer = ''
  const timer = setTimeout(() => finish(null), waitMs)
  const onData = (bytes: Buffer) => {
    answer = (answer + bytes.toString('latin1')).slice(-256)
    const size = parseCursorReport(answer)
    if (size !== null) finish(size)
  }
  const finish = (size: Size | null) => {
    clearTimeout(timer)
    input.off('data', onData)
    resolve(size)
  }
  input.on('data', onData)
  output.write('\x1b7\x1b[999;999H\x1b[6n\x1b8')
  return promise
}

/** The size in a cursor position report (`ESC [ rows ; columns R`), or null when there is none that makes sense. */
export function parseCursorReport(text: string): Size | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the report begins with ESC
  const match = /\x1b\[(\d{1,4});(\d{1,4})R/.exec(text)
  if (match === null) return null
  const rows = Number(match[1])
  const columns = Number(match[2])
  return rows >= 2 && columns >= 10 ? { rows: Math.min(rows, 300), columns: Math.min(columns, 600) } : null
}
