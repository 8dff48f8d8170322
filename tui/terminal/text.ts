/** What a piece of text is; the palette decides how that looks on the terminal at hand. */
export type Style = 'plain' | 'strong' | 'label' | 'title' | 'selected' | 'warning' | 'border'
export type Span = { text: string; style: Style }
/** One row of the screen, from the left edge. Every character takes one cell. */
export type Line = Span[]

/** A line of one style. */
export function line(text: string, style: Style = 'plain'): Line {
  return [{ text, style }]
}

/** Number of cells a line takes. */
export function widthOf(spans: Line): number {
  return spans.reduce((sum, span) => sum + span.text.length, 0)
}

/** The line moved right by `columns` cells. */
export function indent(columns: number, spans: Line): Line {
  return columns > 0 ? [{ text: ' '.repeat(columns), style: 'plain' }, ...spans] : spans
}

/** Text of at most `width` cells; what was cut is marked by `..` (an ellipsis is not in every console font). */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text
  return width <= 2 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 2)}..`
}

/** Breaks text into lines of at most `width` cells, between words where possible; at most `rows` of them. */
export function wrap(text: string, width: number, rows = Number.POSITIVE_INFINITY): string[] {
  if (width < 1 || rows < 1) return []
  const lines: string[] = []
  let rest = text.trim()
  while (rest.length > width && lines.length < rows - 1) {
    const space = lastBreak(rest, width)
    const end = space > 0 ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  return [...lines, clip(rest, width)]
}

/** The last space within `width` cells where a line may end: a number and its unit stay together. -1 when there is none. */
function lastBreak(text: string, width: number): number {
  for (let space = text.lastIndexOf(' ', width); space > 0; space = text.lastIndexOf(' ', space - 1)) {
    const parted = /\d$/.test(text.slice(0, space)) && /^ (?:[KMGT]B|%|s)(?!\w)/.test(text.slice(space))
    if (!parted) return space
  }
  return -1
}
