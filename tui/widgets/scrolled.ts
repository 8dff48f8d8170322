import type { Key } from '../terminal/keys.ts'

/** Where a window of `rows` rows begins so that row `selected` is in it; moves as little as possible, which sends least. */
export function scrolledTo(top: number, selected: number, rows: number, count: number): number {
  const lowest = Math.max(0, selected - rows + 1)
  return Math.max(0, Math.min(Math.max(lowest, Math.min(top, selected)), count - rows))
}

/**
 * The same where text stands beside the list, so that no terminal can scroll it and each move of the window draws all of
 * it anew: it moves half a window further than it must, and the next keys find it still.
 */
export function jumpedTo(top: number, selected: number, rows: number, count: number): number {
  const isInView = selected >= top && selected < top + rows
  return scrolledTo(isInView ? top : selected - Math.floor(rows / 2), selected, rows, count)
}

/** The item that a key leads to in a list of `count` items, or null when the key does not move the bar. */
export function moved(key: Key, selected: number, count: number, page: number): number | null {
  const target = {
    up: selected - 1,
    down: selected + 1,
    backtab: (selected + count - 1) % Math.max(1, count),
    tab: (selected + 1) % Math.max(1, count),
    pageup: selected - Math.max(1, page - 1),
    pagedown: selected + Math.max(1, page - 1),
    home: 0,
    end: count - 1,
  }[key.name as string]
  return target === undefined ? null : Math.max(0, Math.min(target, count - 1))
}
