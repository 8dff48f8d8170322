import { StringDecoder } from 'node:string_decoder'

/** A key as the screens see it. `char` carries one printable character. */
export type Key = { name: KeyName } | { name: 'char'; char: string }
type KeyName = 'up' | 'down' | 'left' | 'right' | 'home' | 'end' | 'pageup' | 'pagedown' | ControlName
type ControlName =
  | 'enter'
  | 'escape'
  | 'tab'
  | 'backtab'
  | 'backspace'
  | 'delete'
  | 'f1'
  | 'ctrl-c'
  | 'ctrl-l'

/** After this many milliseconds an ESC that nothing followed was the Esc key. */
const ESCAPE_MS = 60
/** A sequence that stops in the middle is forgotten after this many milliseconds. */
const SEQUENCE_MS = 400
/** The tail of a sequence that was torn apart by a slow line is still recognised this long after its ESC. */
const TORN_MS = 500

// Sequences of the Linux console, xterm, vt100/vt220 and rxvt:
// https://invisible-island.net/xterm/ctlseqs/ctlseqs.html and `infocmp`. What is not here (F8, for one) does nothing.
const SEQUENCES: Record<string, KeyName> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  '[H': 'home',
  '[F': 'end',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  OH: 'home',
  OF: 'end',
  OP: 'f1',
  OM: 'enter',
  '[[A': 'f1',
  '[11~': 'f1',
  '[1~': 'home',
  '[7~': 'home',
  '[4~': 'end',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'pageup',
  '[6~': 'pagedown',
  '[Z': 'backtab',
}

const CONTROLS: Record<string, KeyName> = {
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\x7f': 'backspace',
  '\x03': 'ctrl-c',
  '\x0c': 'ctrl-l',
}

/**
 * Turns bytes of a terminal into keys. Sequences that arrive in pieces are put together first, so that a boot key held
 * on a slow serial line (ESC [ 1 9 ~) can never be taken for the digits inside it.
 */
export class KeyDecoder {
  readonly #emit: (key: Key) => void
  readonly #utf8 = new StringDecoder('utf8')
  #pending = ''
  #tornUntil = 0
  #timer: NodeJS.Timeout | undefined

  constructor(emit: (key: Key) => void) {
    this.#emit = emit
  }

  feed(bytes: Buffer): void {
    clearTimeout(this.#timer)
    for (const char of this.#utf8.write(bytes)) this.#take(char)
    if (this.#pending !== '') {
      const wait = this.#pending === '\x1b' ? ESCAPE_MS : SEQUENCE_MS
      // Bytes that arrived while this process was not running are read first, therefore the extra turn.
      this.#timer = setTimeout(() => setImmediate(() => this.#giveUp()), wait)
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#pending = ''
  }

  #take(char: string): void {
    if (char === '\x1b') {
      if (this.#pending === '\x1b') this.#emit({ name: 'escape' })
      this.#pending = char
      return
    }
    if (this.#pending === '' && (char === '[' || char === 'O') && Date.now() < this.#tornUntil) {
      this.#pending = '\x1b'
    }
    this.#tornUntil = 0
    if (this.#pending === '') {
      this.#single(char)
      return
    }
    this.#pending += char
    const sequence = this.#pending.slice(1)
    if (isUnfinished(sequence)) return
    this.#pending = ''
    const name =
      SEQUENCES[sequence.replace(/^\[1?;\d+|;\d+(?=~)/, (part) => (part.startsWith('[') ? '[' : ''))]
    if (name !== undefined) this.#emit({ name })
  }

  #single(char: string): void {
    const name = CONTROLS[char]
    if (name !== undefined) this.#emit({ name })
    else if (/^[^\p{C}]$/u.test(char)) this.#emit({ name: 'char', char })
  }

  #giveUp(): void {
    if (this.#pending === '\x1b') {
      this.#emit({ name: 'escape' })
      this.#tornUntil = Date.now() + TORN_MS
    }
    this.#pending = ''
  }
}

// ESC [ parameters final, ESC [ [ letter (Linux F1 to F5), ESC O letter; anything else is Alt and one character.
function isUnfinished(sequence: string): boolean {
  return /^(?:\[[0-9;?<]*|\[\[|O)$/.test(sequence) && sequence.length < 32
}
