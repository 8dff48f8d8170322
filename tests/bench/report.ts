import { type Failed, type Row, ratioOf, readable, verdictOf } from './row.ts'

const heads = ['what', 'figure', 'against', 'ratio', 'target', '']

/** The table that `npm run bench` prints: one line a row, and below it how each figure came about. */
export function tableOf(rows: readonly Row[], failed: readonly Failed[] = []): string {
  const cells = [heads, ...rows.map(cellsOf), ...failed.map(({ name }) => [name, '-', '', '', '', 'MISS'])]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
  const notes = [
    ...rows.map(({ name, note }) => `${name}: ${note}`),
    ...failed.map(({ name, error }) => `${name}: ${error}`),
  ]
  return `${lines.join('\n')}\n\n${notes.join('\n')}`
}

/** What goes to bench.json: the rows with ratio and verdict, and whether every target was reached. */
export function jsonOf(rows: readonly Row[], failed: readonly Failed[], about: Record<string, unknown>) {
  return {
    ...about,
    reached: allReached(rows, failed),
    rows: rows.map((row) => ({ ...row, ratio: ratioOf(row), verdict: verdictOf(row) })),
    failed,
  }
}

export function allReached(rows: readonly Row[], failed: readonly Failed[]): boolean {
  return failed.length === 0 && rows.every((row) => verdictOf(row) !== 'MISS')
}

function cellsOf(row: Row): string[] {
  const { name, unit, figure, baseline, target } = row
  const ratio = ratioOf(row)
  const limit = target.of === 'none' ? '' : `≤ ${target.atMost} ${target.of === 'ratio' ? '×' : unit}`
  return [
    name,
    `${readable(figure)} ${unit}`,
    baseline === null ? '' : `${readable(baseline)} ${unit}`,
    ratio === null ? '' : `${readable(ratio)} ×`,
    limit,
    verdictOf(row),
  ]
}
