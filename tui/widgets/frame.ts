import { type Line, widthOf } from '../terminal/text.ts'

/** Lines inside a border that is `width` cells wide on the outside; only glyphs that CP437 and the DEC set have. */
export function frame(lines: Line[], width: number): Line[] {
  const inner = Math.max(0, width - 2)
  const edge = (left: string, right: string): Line => [
    { text: `${left}${'─'.repeat(inner)}${right}`, style: 'border' },
  ]
  return [
    edge('┌', '┐'),
    ...lines.map(
      (spans): Line => [
        { text: '│', style: 'border' },
        ...spans,
        { text: ' '.repeat(Math.max(0, inner - widthOf(spans))), style: 'plain' },
        { text: '│', style: 'border' },
      ],
    ),
    edge('└', '┘'),
  ]
}
