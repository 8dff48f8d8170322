import { clip, type Line } from '../terminal/text.ts'

/** The first of the visible items, so that the selected one is among the `rows` that can be seen. */
export function firstVisible(count: number, selected: number, rows: number): number {
  const middle = selected - Math.floor(rows / 2)
  return Math.max(0, Math.min(middle, count - rows))
}

/** A numbered list in `rows` by `width` cells; the selected item is a bar over the whole width. */
export function menuList(labels: string[], selected: number, width: number, rows: number): Line[] {
  const first = firstVisible(labels.length, selected, rows)
  return labels.slice(first, first + rows).map((label, offset) => {
    const index = first + offset
    const text = clip(` ${index + 1}  ${label}`, width).padEnd(width)
    return [{ text, style: index === selected ? 'selected' : 'plain' }]
  })
}
