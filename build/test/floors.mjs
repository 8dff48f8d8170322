// The floors of the tests, each as its counts: { passed, failed }, and { skipped } where some were.
import { writeFileSync } from 'node:fs'
import { at, dist, pinnedNode } from '../tools.mjs'
import { isEnded, show } from './show.mjs'
import { countTap, readTap } from './tap.mjs'
import { temporaryFolders } from './temporary.mjs'

export async function lint() {
  let failed = 0
  const programs = [
    ['@biomejs/cli-linux-x64/biome', ['check', '.']],
    ['.bin/tsc', ['--noEmit']],
  ]
  for (const [name, args] of programs) {
    const { status } = await show(at('node_modules', name), args)
    console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`)
    if (status !== 0) failed++
  }
  return { passed: programs.length - failed, failed }
}

export async function unitTests(files) {
  const { status, output } = await show(at('node_modules/.bin/tap'), ['run', '--reporter=tap', ...files], {
    wanted: (line) => /^(?:ok|not ok) \d+ - .*\.test\.ts/.test(line),
    env: temporaryFolders(),
  })
  const stream = dist('unit-tests.tap')
  writeFileSync(stream, output)
  const read = readTap(output)
  const { passed, skipped } = read
  // A file that was ended has not failed; what failed in it before has.
  const failures = read.failures.filter(({ path }) => !isEnded() || path.length > 1)
  for (const line of failureLines(failures, stream)) console.log(line)
  for (const line of skippedLines(skipped)) console.log(line)
  const totals = isEnded() ? null : countTap(output)
  const result = { ...(totals ?? { passed, failed: failures.length }), skipped: skipped.length }
  console.log(`${result.passed} passed, ${result.failed} failed`)
  return ensureFailure(result, status, 'tap')
}

/** Names and reasons, of so many as a person reads. */
export function failureLines(failures, stream) {
  if (failures.length === 0) return []
  const most = 25
  const shown = failures
    .slice(0, most)
    .flatMap(({ path, reason }) => [`FAIL ${path.join(' › ')}`, ...reason.map((line) => `       ${line}`)])
  const more = failures.length > most ? [`… and ${failures.length - most} more`] : []
  return ['', ...shown, ...more, `All that the tests said is in ${stream}`]
}

/** A line for each reason. */
export function skippedLines(skipped) {
  const reasons = [...new Set(skipped.map(({ why }) => why))]
  return reasons.flatMap((reason) => {
    const names = skipped.filter(({ why }) => why === reason).map(({ path }) => path.join(' › '))
    return [
      `skipped, because ${reason || 'no reason is given'}: ${names.length}`,
      ...names.map((name) => `       ${name}`),
    ]
  })
}

/** Runs one of our own runners, whose last line is `N passed, N failed`. */
export async function counted(name, args = []) {
  const { status, output } = await show(pinnedNode, [at(name), ...args])
  const last = /(\d+) passed, (\d+) failed\s*$/.exec(output.trim())
  const result = { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) }
  return ensureFailure(result, status, name)
}

/** A runner that failed without counting a failure has failed all the same. */
function ensureFailure(result, status, name) {
  if (status === 0 || result.failed > 0 || isEnded()) return result
  console.log(`${name} ended with status ${status}`)
  return { ...result, failed: 1 }
}
