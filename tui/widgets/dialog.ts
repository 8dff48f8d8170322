import { clip, type Line, line, wrap } from '../terminal/text.ts'
import { frame } from './frame.ts'

/** A question or a message in a frame, with answers below each other; `selected` is the bar's place. */
export type Dialog = { text: string[]; answers: string[]; selected: number; warning?: boolean }

/** A dialog of at most `width` by `rows` cells; the answers stay visible when there is not room for all of the text. */
export function dialog(
  { text, answers, selected, warning = false }: Dialog,
  width: number,
  rows: number,
): Line[] {
  const outer = Math.min(width, 66)
  const inner = Math.max(1, outer - 6)
  const framed = rows >= answers.length + 5
  const spare = Math.max(1, rows - answers.length - (framed ? 4 : 1))
  const paragraphs = text.flatMap((paragraph, index) => {
    const style = index === 0 ? (warning ? 'warning' : 'strong') : 'plain'
    return wrap(paragraph, framed ? inner : outer).map((row) => line(row, style))
  })
  const choices = answers.map((answer, index) =>
    line(
      clip(` ${answer} `, inner).padEnd(Math.min(inner, widest(answers) + 2)),
      index === selected ? 'selected' : 'plain',
    ),
  )
  const content = [...paragraphs.slice(0, spare), line(''), ...choices]
  if (!framed) return content.slice(-Math.max(1, rows))
  return frame(
    [line(''), ...content].map((spans) => [{ text: '  ', style: 'plain' as const }, ...spans]),
    outer,
  )
}

function widest(texts: string[]): number {
  return Math.max(0, ...texts.map((text) => text.length))
}
