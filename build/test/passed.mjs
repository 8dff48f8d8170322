// What passed in this checkout, so that it need not be shown again.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dist } from '../tools.mjs'

const folder = dist('passed')

/** What is known about a floor from the time when it passed; undefined when it never did, or when that is unreadable. */
export function passed(floor) {
  try {
    return JSON.parse(readFileSync(place(floor), 'utf8'))
  } catch {
    return undefined
  }
}

export function rememberPassed(floor, what) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(place(floor), `${JSON.stringify(what)}\n`)
}

export function forgetAll() {
  rmSync(folder, { recursive: true, force: true })
}

function place(floor) {
  return `${folder}/floor-${floor}.json`
}
