import type { Key } from '../terminal/keys.ts'
import { clip, type Line, line } from '../terminal/text.ts'

/** The highest `top` that still fills the page. */
export function lastTop(count: number, rows: number): number {
  return Math.max(0, count - rows)
}

/** Where the page begins after a key, or null when the key is not one of a pager's. */
export function pageTo(key: Key, top: number, count: number, rows: number): number | null {
  const target = {
    up: top - 1,
    down: top + 1,
    pageup: top - Math.max(1, rows - 1),
    pagedown: top + Math.max(1, rows - 1),
    home: 0,
    end: count,
  }[key.name as string]
  return target === undefined ? null : Math.max(0, Math.min(target, lastTop(count, rows)))
}

/** Lines `top` and following of a text as `rows` rows of at most `width` cells. */
export function pager(lines: string[], top: number, width: number, rows: number): Line[] {
  return Array.from({ length: rows }, (_, row) => line(clip(lines[top + row] ?? '', width)))
}
