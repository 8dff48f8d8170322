import { clip, type Line, line, wrap } from '../terminal/text.ts'
import { frame } from './frame.ts'

/** A question or a message in a frame, with answers below each other; `selected` is the bar's place. */
export type Dialog = { text: string[]; answers: string[]; selected: number; warning?: boolean }

/** The widest that a dialog gets, in cells; longer lines are hard to read. */
export const DIALOG_WIDTH = 66

/**
 * A dialog of at most `width` by `rows` cells. Where the text would not fit into the frame, the frame is left out; the
 * answers stay visible even when there is not room for all of the text.
 */
export function dialog(
  { text, answers, selected, warning = false }: Dialog,
  width: number,
  rows: number,
): Line[] {
  const outer = Math.min(width, DIALOG_WIDTH)
  const inner = Math.max(1, outer - 6)
  const paragraphs = (room: number) =>
    text.flatMap((paragraph, index) => {
      const style = index === 0 ? (warning ? 'warning' : 'strong') : 'plain'
      return wrap(paragraph, room).map((row) => line(row, style))
    })
  const choices = answers.map((answer, index) =>
    line(
      clip(` ${answer} `, inner).padEnd(Math.min(inner, widest(answers) + 2)),
      index === selected ? 'selected' : 'plain',
    ),
  )
  const framed = paragraphs(inner)
  if (framed.length + choices.length + 4 <= rows) {
    return frame(
      [line(''), ...framed, line(''), ...choices].map((spans) => [
        { text: '  ', style: 'plain' as const },
        ...spans,
      ]),
      outer,
    )
  }
  const spare = Math.max(1, rows - choices.length)
  const bare = paragraphs(outer).slice(0, spare)
  const gap = bare.length < spare ? [line('')] : []
  return [...bare, ...gap, ...choices].slice(-Math.max(1, rows))
}

function widest(texts: string[]): number {
  return Math.max(0, ...texts.map((text) => text.length))
}
