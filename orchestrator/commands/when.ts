const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Clocks that two times come from may differ by so much and neither is in the future, in milliseconds. */
const tolerance = 2 * minute

const units: readonly [unit: string, length: number, below: number][] = [
  ['min', minute, 45 * minute],
  ['hour', hour, 22 * hour],
  ['day', day, 14 * day],
  ['week', 7 * day, 60 * day],
  ['month', 30.4 * day, 700 * day],
  ['year', 365.25 * day, Number.POSITIVE_INFINITY],
]

/** How old something is, for a column: `2 hours`. Both times are ISO 8601 or milliseconds since 1970. */
export function age(then: string, now: number): string {
  const passed = now - Date.parse(then)
  if (Number.isNaN(passed)) return 'unknown'
  if (passed < -tolerance) return 'in future'
  if (passed < 45_000) return 'just now'
  const [unit, length] = units.find(([, , below]) => passed < below) ?? ['year', 365.25 * day]
  const count = Math.max(1, Math.round(passed / length))
  return `${count} ${unit}${count === 1 || unit === 'min' ? '' : 's'}`
}

/** In the time zone of this computer, as short as ls(1) writes it: `20 Nov 21:05`, and the year where that is long ago. */
export function localTime(then: string, now: number): string {
  const time = new Date(then)
  if (Number.isNaN(time.getTime())) return '-'
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const date = `${String(time.getDate()).padStart(2)} ${months[time.getMonth()]}`
  const clock = [time.getHours(), time.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
  return Math.abs(now - time.getTime()) > 180 * day ? `${date} ${time.getFullYear()}` : `${date} ${clock}`
}
