import type Screen from 'neo-blessed/lib/widgets/screen.js'
import { createScreen, OutputPort } from './blessed-screen.ts'
import type { FullTerminal } from './kind.ts'
import { attributeOf } from './palette.ts'
import { toAscii } from './sanitize.ts'
import { shorten } from './shorten.ts'
import type { Size } from './size.ts'
import type { Line } from './text.ts'

export type { Size } from './size.ts'
/** Rows `top` to `bottom` show the same lines as before, `by` rows further up (or down when negative). */
export type Scroll = { top: number; bottom: number; by: number }

/**
 * A screen of character cells on a terminal. Only what changed since the last paint is sent: neo-blessed compares the
 * cells and knows the terminal's sequences; everything else of it (input, signals, exceptions) is kept out.
 */
export class Canvas {
  readonly #screen: Screen
  readonly #terminal: FullTerminal
  readonly #output: OutputPort
  #size: Size

  constructor(terminal: FullTerminal, size: Size, write: (text: string) => void) {
    this.#terminal = terminal
    this.#size = size
    this.#output = new OutputPort(size, (text) => write(shorten(text)))
    this.#screen = createScreen(terminal, this.#output)
  }

  get size(): Size {
    return this.#size
  }

  /** Shows these lines and nothing else; what does not fit is cut. */
  paint(lines: Line[], scroll?: Scroll): void {
    const { rows, columns } = this.#size
    if (scroll !== undefined) this.#shift(scroll)
    for (let y = 0; y < rows; y++) this.#paintRow(y, lines[y] ?? [], columns)
    this.#screen.draw(0, rows - 1)
    this.#screen.program.flush()
  }

  /** Forgets what the terminal shows, so that the next paint draws every cell; also takes a new size. */
  reset(size: Size): void {
    this.#size = size
    this.#output.columns = size.columns
    this.#output.rows = size.rows
    this.#screen.program.cols = size.columns
    this.#screen.program.rows = size.rows
    this.#screen.program.csr(0, size.rows - 1)
    this.#screen.alloc()
  }

  /** Hands the terminal over to something else: normal screen, visible cursor. Nothing is left to be written. */
  leave(): void {
    this.#screen.leave()
    // leave() only remembers that it left when it is told so (neo-blessed, normalBuffer).
    this.#screen.program.flush()
  }

  /** Takes the terminal back after leave(). */
  enter(size: Size): void {
    this.#screen.enter()
    this.reset(size)
  }

  #shift({ top, bottom, by }: Scroll): void {
    const rows = Math.min(Math.abs(by), bottom - top + 1)
    if (by > 0) this.#screen.deleteLine(rows, top, top, bottom)
    if (by < 0) this.#screen.insertLine(rows, top, top, bottom)
  }

  #paintRow(y: number, spans: Line, columns: number): void {
    const row = this.#screen.lines[y]
    if (row === undefined) return
    let x = 0
    for (const span of spans) {
      const attribute = attributeOf(span.style, this.#terminal.colour)
      const text = this.#terminal.unicode || span.style === 'border' ? span.text : toAscii(span.text)
      for (const character of text) {
        if (x >= columns) break
        setCell(row, x++, attribute, character)
      }
    }
    while (x < columns) setCell(row, x++, this.#screen.dattr, ' ')
    row.dirty = true
  }
}

function setCell(row: [number, string][], x: number, attribute: number, character: string): void {
  const cell = row[x]
  if (cell === undefined) return
  cell[0] = attribute
  cell[1] = character
}
