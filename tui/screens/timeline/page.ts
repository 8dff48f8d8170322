import type { Size } from '../../terminal/size.ts'
import { indent, type Line, line, widthOf, wrap } from '../../terminal/text.ts'

type Part = (width: number, rows: number) => Line[]
type Page = { headline: string; list: Part; details: Part }

/** Lays out a list and what there is to say about its selected item: beside it, or below it on narrow screens. */
export function timelinePage({ headline, list, details }: Page, { rows, columns }: Size): Line[] {
  const margin = columns >= 60 ? 2 : 1
  const width = Math.max(1, columns - 2 * margin)
  const roomy = rows >= 18
  const head = wrap(headline, width, rows >= 8 ? 2 : 1).map((row) => line(row, 'strong'))
  const gap: Line[] = roomy ? [line('')] : []
  const room = Math.max(1, rows - head.length - 2 * gap.length)
  const body = columns >= 70 ? beside(list, details, width, room) : below(list, details, width, room)
  return [...gap, ...head, ...gap, ...body].slice(0, rows).map((spans) => indent(margin, spans))
}

function beside(list: Part, details: Part, width: number, rows: number): Line[] {
  const listWidth = Math.min(56, Math.floor(width * 0.58))
  const left = list(listWidth, rows)
  const right = details(Math.min(60, width - listWidth - 3), rows)
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const spans = left[row] ?? []
    const fill = { text: ' '.repeat(listWidth + 3 - widthOf(spans)), style: 'plain' as const }
    return [...spans, fill, ...(right[row] ?? [])]
  })
}

function below(list: Part, details: Part, width: number, rows: number): Line[] {
  const detailRows = Math.max(0, Math.min(4, Math.floor(rows / 2)))
  return [...list(width, Math.max(1, rows - detailRows)), ...details(width, detailRows)]
}
