import { clip, type Line } from '../terminal/text.ts'

/** One coloured row: what this is on the left, something short on the right where there is room. */
export function titleBar(left: string, right: string, width: number): Line {
  const space = width - left.length - right.length - 2
  const text = space >= 2 ? ` ${left}${' '.repeat(space)}${right} ` : clip(` ${left}`, width).padEnd(width)
  return [{ text, style: 'title' }]
}
