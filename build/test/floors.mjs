// The floors of the tests, each as its counts: { passed, failed }.
import { at, pinnedNode } from '../tools.mjs'
import { show } from './show.mjs'

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
  const { status, output } = await show(
    at('node_modules/.bin/tap'),
    ['run', '--reporter=tap', ...files],
    (line) => /^\s*not ok\b|^(?:ok|not ok) \d+ - .*\.test\.ts/.test(line),
  )
  const result = countTap(output)
  if (result.failed > 0) {
    const lines = output.split('\n').filter((line) => !/^\s*ok\b/.test(line))
    console.log(lines.join('\n'))
  }
  console.log(`${result.passed} passed, ${result.failed} failed`)
  return ensureFailure(result, status, 'tap')
}

/** Runs one of our own runners, whose last line is `N passed, N failed`. */
export async function counted(name, args = []) {
  const { status, output } = await show(pinnedNode, [at(name), ...args])
  const last = /(\d+) passed, (\d+) failed\s*$/.exec(output.trim())
  const result = { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) }
  return ensureFailure(result, status, name)
}

/** The totals that tap writes as the last comment of its stream, for example `# { total: 9, pass: 7, fail: 2 }`. */
export function countTap(output) {
  const totals = /^# \{ (total: .*) \}$/m.exec(output)?.[1] ?? ''
  const number = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0)
  return { passed: number('pass'), failed: number('fail') }
}

/** A runner that failed without counting a failure has failed all the same. */
function ensureFailure(result, status, name) {
  if (status === 0 || result.failed > 0) return result
  console.log(`${name} ended with status ${status}`)
  return { ...result, failed: 1 }
}
