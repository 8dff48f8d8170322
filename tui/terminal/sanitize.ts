/** Longest text that is looked at; whatever is longer could only slow the menu down. */
const LONGEST = 4096

// Glyphs people commonly write that the Linux console's font draws as a block: spelled in ASCII instead.
const SPELLED: Record<string, string> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': ',',
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2015': '-',
  '\u2022': '*',
  '\u2026': '...',
  '\u2190': '<-',
  '\u2192': '->',
  '\u2713': 'ok',
  '\u2122': '(TM)',
  '\u20ac': 'EUR',
  '\u2212': '-',
}

/**
 * One line of text that is safe to show on any terminal: escape sequences and control characters are gone (tabs and
 * line breaks become spaces), direction overrides and zero-width characters too, and only printable Latin-1 is left,
 * which every console font has one cell for. Other letters lose their accents or become `?`.
 *
 * Escape sequences follow ECMA-48, chapters 5.3 to 5.6: CSI, then strings (OSC, DCS, APC, PM, SOS) with their content.
 */
export function sanitize(text: unknown): string {
  const raw = typeof text === 'string' ? text : typeof text === 'number' ? String(text) : ''
  return [...withoutEscapes(raw.slice(0, LONGEST)).normalize('NFC')].map(printable).join('')
}

/** The same text in ASCII only, for lines that may not speak UTF-8 (vt100, vt220). */
export function toAscii(text: string): string {
  return /^[ -~]*$/.test(text)
    ? text
    : [...text]
        .map((glyph) => (glyph <= '~' ? glyph : (ASCII[glyph] ?? withoutAccent(glyph, /^[ -~]+$/))))
        .join('')
}

const ASCII: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  ø: 'o',
  Ø: 'O',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  '·': '*',
  '«': '"',
  '»': '"',
}

function withoutEscapes(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
      .replace(/(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
      .replace(/(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
      .replace(/\x1b[\x20-\x2f]*[\x30-\x7e]?/g, '')
      .replace(/[\t\r\n\v\f\u2028\u2029]+/g, ' ')
  )
}

function printable(glyph: string): string {
  if (/^[ -~\u00a1-\u00ac\u00ae-\u00ff]$/.test(glyph)) return glyph
  if (glyph === '\u00a0') return ' '
  // Control characters, soft hyphen, zero-width and direction marks, combining marks, lone surrogates.
  if (/^[\p{Cc}\p{Cf}\p{Cs}\p{M}]$/u.test(glyph)) return ''
  return SPELLED[glyph] ?? withoutAccent(glyph, /^[ -~\u00a1-\u00ff]+$/)
}

function withoutAccent(glyph: string, allowed: RegExp): string {
  const base = glyph.normalize('NFKD').replace(/\p{M}/gu, '')
  return allowed.test(base) ? base : '?'
}
