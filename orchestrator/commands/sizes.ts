import { usageError } from './command-line.ts'

const units = ['', 'K', 'M', 'G', 'T']

/** Bytes of `64G` (binary: K is 1024); throws DeskvisorError `bad-usage` (exit 2). */
export function parseSize(text: string, command: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,3})?)([KMGT]?)(?:i?B)?$/i.exec(text.trim())
  const bytes = match ? Number(match[1]) * 1024 ** units.indexOf(match[2]?.toUpperCase() ?? '') : Number.NaN
  if (Number.isSafeInteger(Math.floor(bytes)) && bytes >= 1) return Math.floor(bytes)
  throw usageError(
    `${JSON.stringify(text)} is no size; expected a number with K, M, G or T, for example 64G.`,
    command,
  )
}

/** `1.5 GiB`, never more than seven characters; a dash for what is not known. */
export function writtenSize(bytes: number | null): string {
  if (bytes === null) return '-'
  let [value, unit] = [bytes, 0]
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1024
  return unit === 0 ? `${value} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}iB`
}
