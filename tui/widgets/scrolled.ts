import type { Key } from '../terminal/keys.ts'

/** Where a bar or a page goes. */
export type Motion = 'up' | 'down' | 'backtab' | 'tab' | 'pageup' | 'pagedown' | 'home' | 'end'

const MOTIONS: readonly string[] = ['up', 'down', 'backtab', 'tab', 'pageup', 'pagedown', 'home', 'end']

/** Where a key leads, or null when it moves nothing. */
export function motionOf({ name }: Key): Motion | null {
  return MOTIONS.includes(name) ? (name as Motion) : null
}

/** The place from 0 to `last` that a motion leads to from `at`; Tab goes around. `page` is in rows. */
export function moved(motion: Motion, at: number, last: number, page: number): number {
  const target = {
    up: at - 1,
    down: at + 1,
    backtab: at > 0 ? at - 1 : last,
    tab: at < last ? at + 1 : 0,
    pageup: at - Math.max(1, page - 1),
    pagedown: at + Math.max(1, page - 1),
    home: 0,
    end: last,
  }[motion]
  return Math.max(0, Math.min(target, last))
}

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

/** The highest `top` of a window of `rows` rows that still fills it. */
export function lastTop(count: number, rows: number): number {
  return Math.max(0, count - rows)
}
