// What a person sees of a build: which step of how many, what it is doing, and how long it has been at it.
import process from 'node:process'
import { clearInterval, setInterval } from 'node:timers'

const startedAt = performance.now()
/** Titles of the steps at work, with what each is doing at the moment. */
const atWork = new Map()
let total = 0
let begun = 0
let ticking

/** How many steps there will be; without it they are not counted out loud. */
export function expectSteps(count) {
  total = count
}

/** Announces a step. `now` tells what it is doing, `end` how it ended. */
export function beginStep(title, remark) {
  begun++
  const number = total === 0 ? '-' : `Step ${begun} of ${total}:`
  say(`${total === 0 ? '' : `${clock()}  `}${number} ${title}${remark}`)
  const since = performance.now()
  return {
    now(words) {
      if (atWork.get(title) === words) return
      atWork.set(title, words)
      if (process.stdout.isTTY) showStatus()
      else say(`${clock()}    ${title}: ${words}`)
    },
    end() {
      atWork.delete(title)
      if (atWork.size === 0) stopStatus()
      return ((performance.now() - since) / 1000).toFixed(1)
    },
  }
}

/** Prints a line that stays. */
export function say(line) {
  if (ticking) process.stdout.write('\r\x1b[K')
  console.log(line)
  if (ticking) drawStatus()
}

/** Minutes and seconds since the build began. */
export function clock(milliseconds = performance.now() - startedAt) {
  const seconds = Math.floor(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** On a terminal the last line is of now: the clock goes on while nothing else can be told. */
function showStatus() {
  ticking ??= setInterval(drawStatus, 1000).unref()
  drawStatus()
}

function drawStatus() {
  const line = statusLine(`${clock()}    `, [...atWork], (process.stdout.columns ?? 80) - 1)
  process.stdout.write(`\r\x1b[K${line}`)
}

/** The steps at work beside each other, as [title, what it does]; each has its share of the line, and what one does not need goes to the next. */
export function statusLine(start, steps, width) {
  const between = ' · '
  let room = width - start.length - between.length * (steps.length - 1)
  const shares = steps
    .map(([title, now], index) => ({ index, text: `${title}: ${now}` }))
    .sort((a, b) => a.text.length - b.text.length)
    .map(({ index, text }, place) => {
      const share = Math.max(1, Math.floor(room / (steps.length - place)))
      const shown = text.length > share ? `${text.slice(0, share - 1)}…` : text
      room -= shown.length
      return { index, shown }
    })
  const words = shares.sort((a, b) => a.index - b.index).map(({ shown }) => shown)
  return `${start}${words.join(between)}`.slice(0, width)
}

function stopStatus() {
  if (!ticking) return
  clearInterval(ticking)
  ticking = undefined
  process.stdout.write('\r\x1b[K')
}
