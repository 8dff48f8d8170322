// Lint, unit tests, then the machine tests on the image. The last line is always `N passed, N failed`.
import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import process from 'node:process'
import deps from './deps.mjs'
import generate from './generate.mjs'
import { at, filesBelow, pinnedNode, repository } from './tools.mjs'

export default async function test(args) {
  const counts = { passed: 0, failed: 0 }
  await generate()
  console.log('\nLint (about 10 s) …')
  await lint(counts)
  const image = args.includes('--no-machine') ? undefined : await startImage()
  console.log('\nUnit tests (about 4 minutes, longer while the image is built beside them) …')
  add(counts, await unitTests())
  console.log('\nPower cuts: the store is looked at as the next start would find it (about 3 minutes) …')
  add(counts, await powerCuts())
  if (image) {
    console.log('\nMachine tests: scenarios in a virtual PC (allow 50 minutes) …')
    add(counts, await machineTests(image))
  }
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`)
  return counts.failed === 0 ? 0 : 1
}

async function lint(counts) {
  for (const [name, args] of [
    ['@biomejs/cli-linux-x64/biome', ['check', '.']],
    ['.bin/tsc', ['--noEmit']],
  ]) {
    const { status } = await show(at('node_modules', name), args)
    console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${name}`)
    add(counts, status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
  }
}

async function unitTests() {
  const files = filesBelow('tests/unit').filter((file) => file.endsWith('.test.ts'))
  const { status, output } = await show(
    at('node_modules/.bin/tap'),
    ['run', '--reporter=tap', ...files],
    (line) => /^\s*not ok\b|^(?:ok|not ok) \d+ - .*\.test\.ts/.test(line),
  )
  const result = countTap(output)
  if (result.failed > 0)
    console.log(
      output
        .split('\n')
        .filter((line) => !/^\s*ok\b/.test(line))
        .join('\n'),
    )
  console.log(`${result.passed} passed, ${result.failed} failed`)
  return ensureFailure(result, status, 'tap')
}

/** Needs root for its disks; without, `npm run test:power-cut` tells how to run it. */
async function powerCuts() {
  if (process.getuid() !== 0) {
    console.log('skipped: mounting disks needs root')
    return { passed: 0, failed: 0 }
  }
  return counted('tests/sweep/run.ts')
}

/** Runs one of our own runners, whose last line is `N passed, N failed`. */
async function counted(name, args = []) {
  const { status, output } = await show(pinnedNode, [at(name), ...args])
  const last = /(\d+) passed, (\d+) failed\s*$/.exec(output.trim())
  const result = { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) }
  return ensureFailure(result, status, name)
}

/** The first build takes minutes and mostly one processor, so it goes on beside the unit tests; what it said is shown afterwards. */
async function startImage() {
  // The unit tests want these packages, too. What is missing is named by the build, which fails then.
  await deps().catch(() => undefined)
  console.log('\nThe image is built meanwhile (some minutes the first time) …')
  const building = show(process.execPath, [at('build.mjs'), 'image'], () => false)
  return { ended: building }
}

async function machineTests({ ended }) {
  const { status, output } = await ended
  console.log(output.trimEnd())
  if (status !== 0) return { passed: 0, failed: 1 }
  return counted('tests/scenarios/run.ts', ['--replays', '2'])
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

function add(counts, { passed, failed }) {
  counts.passed += passed
  counts.failed += failed
}

/** Runs a program with the pinned Node first in PATH; prints the lines that `wanted` lets through, keeps all. */
function show(file, args, wanted = () => true) {
  const env = { ...process.env, PATH: `${dirname(pinnedNode)}${delimiter}${process.env.PATH}` }
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let pending = ''
    const take = (chunk) => {
      output += chunk
      const lines = (pending + chunk).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) if (wanted(line)) console.log(line)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', reject)
    child.on('close', (status) => {
      if (pending && wanted(pending)) console.log(pending)
      resolve({ status, output })
    })
  })
}
