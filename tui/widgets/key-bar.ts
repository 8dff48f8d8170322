import type { Line } from '../terminal/text.ts'

/** A key and what it does here, in one or two words. */
export type KeyHint = { key: string; does: string }

/**
 * One row that names the keys of a screen, most important first; hints that do not fit are left out. They move together
 * when that makes room for more of them.
 */
export function keyBar(hints: KeyHint[], width: number): Line {
  const [wide, close] = [fitting(hints, width, 3), fitting(hints, width, 2)]
  const [shown, gap] = close.length > wide.length ? [close, 2] : [wide, 3]
  return [
    { text: ' ', style: 'plain' },
    ...shown.flatMap(
      ({ key, does }): Line => [
        { text: key, style: 'strong' },
        { text: ` ${does}${' '.repeat(gap)}`, style: 'plain' },
      ],
    ),
  ]
}

function fitting(hints: KeyHint[], width: number, gap: number): KeyHint[] {
  let used = 1
  return hints.filter(({ key, does }) => {
    const length = key.length + 1 + does.length
    if (used + length > width) return false
    used += length + gap
    return true
  })
}
