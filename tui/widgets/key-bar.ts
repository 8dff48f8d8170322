import type { Line } from '../terminal/text.ts'

/** A key and what it does here, in one or two words. */
export type KeyHint = { key: string; does: string }

/** One row that names the keys of a screen, most important first; hints that do not fit are left out. */
export function keyBar(hints: KeyHint[], width: number): Line {
  const spans: Line = [{ text: ' ', style: 'plain' }]
  let used = 1
  for (const { key, does } of hints) {
    const length = key.length + 1 + does.length + 3
    if (used + length - 3 > width) continue
    used += length
    spans.push({ text: key, style: 'strong' }, { text: ` ${does}   `, style: 'plain' })
  }
  return spans
}
