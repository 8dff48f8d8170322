import type { ConsoleFont } from './font.ts'
import type { Picture } from './picture.ts'

const cellWidth = 8

/**
 * Reads a picture of a text console: one line per row of character cells, trailing spaces removed. A cell may
 * have any two colours (the more frequent one is the background, or the other way round for full glyphs);
 * what is no character of this font becomes `?`.
 */
export function screenText(picture: Picture, font: ConsoleFont): string {
  const byBitmap = glyphIndex(font)
  const lines: string[] = []
  for (let top = 0; top + font.height <= picture.height; top += font.height) {
    let line = ''
    for (let left = 0; left + cellWidth <= picture.width; left += cellWidth) {
      line += readCell(picture, left, top, font.height, byBitmap)
    }
    lines.push(line.trimEnd())
  }
  return lines.join('\n').trimEnd()
}

/** Words of at least `minimum` letters: what a person could read on that screen. */
export function readableWords(text: string, minimum = 3): string[] {
  return text.match(new RegExp(`[A-Za-z]{${minimum},}`, 'g')) ?? []
}

const indexes = new WeakMap<ConsoleFont, Map<string, string>>()

function glyphIndex(font: ConsoleFont): Map<string, string> {
  let index = indexes.get(font)
  if (!index) {
    index = new Map()
    for (const [position, glyph] of font.glyphs.entries()) {
      const character = font.characters[position]
      const bitmap = Buffer.from(glyph).toString('latin1')
      if (character !== undefined && !index.has(bitmap)) index.set(bitmap, character)
    }
    indexes.set(font, index)
  }
  return index
}

function readCell(
  { pixels, width }: Picture,
  left: number,
  top: number,
  height: number,
  byBitmap: Map<string, string>,
): string {
  const first = colourAt(pixels, (top * width + left) * 3)
  let other = -1
  let others = 0
  const rows = new Uint8Array(height)
  for (let y = 0; y < height; y++) {
    let offset = ((top + y) * width + left) * 3
    let row = 0
    for (let x = 0; x < cellWidth; x++, offset += 3) {
      const colour = colourAt(pixels, offset)
      if (colour === first) continue
      if (other === -1) other = colour
      else if (colour !== other) return '?'
      row |= 0x80 >> x
      others++
    }
    rows[y] = row
  }
  if (others === 0) return ' '
  const inverted = rows.map((row) => ~row & 0xff)
  const candidates = others * 2 <= height * cellWidth ? [rows, inverted] : [inverted, rows]
  for (const bitmap of candidates) {
    const character = byBitmap.get(Buffer.from(bitmap).toString('latin1'))
    if (character !== undefined) return character
  }
  return '?'
}

function colourAt(pixels: Uint8Array, offset: number): number {
  return ((pixels[offset] ?? 0) << 16) | ((pixels[offset + 1] ?? 0) << 8) | (pixels[offset + 2] ?? 0)
}
