const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Clocks that two times come from may differ by so much and neither is "in the future", in milliseconds. */
const TOLERANCE = 2 * MINUTE

/** How long ago, in words: `2 hours ago`. Times are milliseconds since 1970; a time that is none is "unknown". */
export function ageOf(then: number, now: number): string {
  const age = now - then
  if (!Number.isFinite(age)) return 'at an unknown time'
  if (age < -TOLERANCE) return 'later than the clock of this computer'
  if (age < 45_000) return 'just now'
  if (age < 45 * MINUTE) return ago(age / MINUTE, 'minute')
  if (age < 22 * HOUR) return ago(age / HOUR, 'hour')
  if (age < 14 * DAY) return ago(age / DAY, 'day')
  if (age < 60 * DAY) return ago(age / (7 * DAY), 'week')
  if (age < 700 * DAY) return ago(age / (30.4 * DAY), 'month')
  return ago(age / (365.25 * DAY), 'year')
}

function ago(amount: number, unit: string): string {
  const count = Math.max(1, Math.round(amount))
  return count === 1 ? `${unit === 'hour' ? 'an' : 'a'} ${unit} ago` : `${count} ${unit}s ago`
}

/** The part of the past a time belongs to, as people think of it: `An hour ago`, `Yesterday`, `Tuesday`, `12 May`. */
export function partOf(then: number, now: number): string {
  if (!Number.isFinite(then)) return 'At an unknown time'
  if (then - now > TOLERANCE) return 'Later than the clock'
  if (now - then < 45 * MINUTE) return 'In the last hour'
  if (now - then < 90 * MINUTE) return 'An hour ago'
  const days = daysBetween(then, now)
  if (days <= 0) return 'Earlier today'
  if (days === 1) return 'Yesterday'
  const date = new Date(then)
  return days < 7 ? (WEEKDAYS[date.getDay()] ?? '') : dateOf(date, now)
}

/** The time of day, in the time zone of this computer: `21:05`. */
export function clockOf(then: number): string {
  if (!Number.isFinite(then)) return '--:--'
  const date = new Date(then)
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** A time inside a sentence: `yesterday, 21:05`, or `Tuesday 18 November, 21:05`. */
export function whenOf(then: number, now: number): string {
  if (!Number.isFinite(then)) return 'an unknown time'
  const date = new Date(then)
  const days = daysBetween(then, now)
  const day =
    days === 0
      ? 'today'
      : days === 1
        ? 'yesterday'
        : `${(WEEKDAYS[date.getDay()] ?? '').slice(0, 3)} ${dateOf(date, now)}`
  return `${day}, ${clockOf(then)}`
}

/** When something happened, at the end of a sentence: `today at 21:05`, or `on Tuesday 18 November at 21:05`. */
export function dayAndTime(then: number, now: number): string {
  const when = whenOf(then, now).replace(', ', ' at ')
  return /^(today|yesterday)\b/.test(when) ? when : `on ${when}`
}

function dateOf(date: Date, now: number): string {
  const day = `${date.getDate()} ${MONTHS[date.getMonth()] ?? ''}`
  return date.getFullYear() === new Date(now).getFullYear() ? day : `${day} ${date.getFullYear()}`
}

/** Nights between two times; a day of 23 or 25 hours is one day. */
function daysBetween(then: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(then)) / DAY)
}
