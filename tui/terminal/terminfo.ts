import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { getRawAsset, isSea } from 'node:sea'

/** Names of the compiled entries in tui/terminfo; in a single executable they are assets called `terminfo/NAME`. */
export type TerminfoName = 'linux' | 'vt220' | 'vt100' | 'screen' | 'xterm'

/**
 * The compiled terminfo entry (legacy format with 16-bit numbers, term(5)), from inside the binary or from the source
 * tree. The system's own database is never asked: its entries for 256 colours are in a format neo-blessed cannot read.
 */
export function readTerminfo(name: TerminfoName): Buffer {
  if (isSea()) return Buffer.from(getRawAsset(`terminfo/${name}`) as ArrayBuffer)
  return readFileSync(join(import.meta.dirname, '..', 'terminfo', name))
}
