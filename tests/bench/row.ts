/** One line of the report. `figure` and `baseline` are in `unit`. */
export type Row = {
  name: string
  unit: 'ms' | 's' | 'MiB' | 'MB' | 'bytes' | 'MiB/s'
  figure: number
  /** What the figure is set against in the same run; null where the target is a plain number. */
  baseline: number | null
  /** `ratio`: figure / baseline may be this at most. `figure`: the figure itself may, in `unit`. `none`: told, not judged. */
  target: { of: 'ratio' | 'figure'; atMost: number } | { of: 'none' }
  /** How it was measured, and the single values behind the medians. */
  note: string
}

/** A measure that could not be taken counts as missed. */
export type Failed = { name: string; error: string }

export type Measure = {
  name: string
  sentence: string
  /** Why it cannot be taken on this machine; false when it can. */
  skip?(): string | false
  /** `rounds`: how often each thing that is compared is done; medians are reported. */
  take(rounds: number, log: (line: string) => void): Promise<Row[]>
}

export type Verdict = 'pass' | 'MISS' | ''

export function ratioOf({ figure, baseline }: Row): number | null {
  return baseline === null ? null : figure / baseline
}

export function verdictOf(row: Row): Verdict {
  if (row.target.of === 'none') return ''
  const value = row.target.of === 'ratio' ? ratioOf(row) : row.figure
  return value !== null && value <= row.target.atMost ? 'pass' : 'MISS'
}

/** The middle of the values; of an even number, the mean of the two in the middle. Throws without values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  if (low === undefined || high === undefined) throw new Error('There is nothing to take the median of')
  return (low + high) / 2
}

/** The value that `share` of the values do not exceed (nearest rank): 0.99 of 100 values is the second largest. Throws without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  if (value === undefined) throw new Error('There is nothing to take a percentile of')
  return value
}

/** Numbers as a person reads them: `12.3 45 0.31`. */
export function list(values: readonly number[]): string {
  return values.map(readable).join(' ')
}

/** Three figures that count, and no exponent. */
export function readable(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
