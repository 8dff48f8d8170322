// Lint, unit tests, power cuts of the store, and scenarios on the image. The last line is always `N passed, N failed`.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import deps from './deps.mjs'
import generate from './generate.mjs'
import { withLock } from './lock.mjs'
import { withNpmWords } from './npm-words.mjs'
import { choose, remember } from './test/choose.mjs'
import { counted, lint, unitTests } from './test/floors.mjs'
import { forgetAll } from './test/passed.mjs'
import { endAll, isEnded, show } from './test/show.mjs'
import { treeNow } from './test/sources.mjs'
import { at, dist } from './tools.mjs'

const usage = `npm test [-- --changed | --fresh] [--no-scenarios]

  (nothing)        everything, but for floors and scenarios that passed here
                   with the same sources and image
  --changed        only what a change since everything passed can reach
  --fresh          everything, whatever passed
  --no-scenarios   no image, no containers, no virtual PCs
`

const options = ['--changed', '--fresh', '--no-scenarios']

export default async function test(words) {
  const args = withNpmWords(words, options)
  const unknown = args.filter((word) => !/^--(changed|fresh|no-scenarios|help)$/.test(word))
  if (unknown.length > 0 || args.includes('--help')) {
    console[unknown.length > 0 ? 'error' : 'log'](usage)
    return unknown.length > 0 ? 2 : 0
  }
  if (args.includes('--fresh')) forgetAll()
  const startedAt = Date.now()
  await deps()
  await withLock(dist('lock'), generate)
  const tree = treeNow()
  const plan = choose(tree, {
    changed: args.includes('--changed'),
    withScenarios: !args.includes('--no-scenarios'),
  })
  const floors = []
  const floor = async (name, play) => {
    if (isEnded()) return
    const start = Date.now()
    const counts = await play()
    floors.push({ name, seconds: Math.round((Date.now() - start) / 1000), ...counts })
  }

  console.log('\nLint (about 10 s) …')
  await floor('lint', lint)
  // The first build takes minutes and mostly one processor, so it goes on beside the unit tests.
  const image = plan.scenarios === null && !plan.user ? undefined : startImage()
  if (plan.unit.length > 0 && !isEnded()) {
    console.log(`\nUnit tests, ${plan.unit.length} files (about 2 minutes) …`)
    await floor('unit', () => unitTests(plan.unit))
  }
  const beside = async () => {
    if (plan.sweep) await floor('power cuts', sweep)
    if (plan.user && (await image).status === 0) await floor('user', user)
  }
  const besides = beside()
  if (image) await floor('scenarios', () => scenarios(image, plan.scenarios))
  await besides

  const total = (what) => floors.reduce((sum, counts) => sum + counts[what], 0)
  const skipped = floors.filter(({ passed, failed }) => passed + failed === 0).map(({ name }) => name)
  if (total('failed') === 0 && !isEnded()) remember(tree, plan, skipped)
  report(floors, startedAt)
  if (isEnded()) console.log('\nEnded before all was played; so far:')
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`)
  if (isEnded()) return 130
  return total('failed') === 0 ? 0 : 1
}

/** Ctrl-C: what runs is ended, and the counts so far are told. Another one ends this at once. */
export function interrupted() {
  if (isEnded()) process.exit(130)
  endAll()
}

function startImage() {
  if (isEnded()) return Promise.resolve({ status: 130, output: '' })
  console.log('\nThe image is built meanwhile (some minutes the first time) …')
  return show(process.execPath, [at('build.mjs'), 'image'], { wanted: () => false })
}

async function scenarios(image, args) {
  const { status, output } = await image
  if (isEnded()) return { passed: 0, failed: 0 }
  console.log(output.trimEnd())
  if (status !== 0) return { passed: 0, failed: 1 }
  if (args === null) return { passed: 0, failed: 0 }
  console.log('\nScenarios, on the shipped root in containers and on virtual PCs (about 20 minutes) …')
  return counted('tests/scenarios/run.ts', ['--json', dist('scenarios.json'), ...args])
}

/** Needs root for its disks; anybody else is told that it was skipped. */
function sweep() {
  if (process.getuid() === 0) {
    console.log('\nPower cuts: the store is looked at as the next start would find it (about 3 minutes) …')
    return counted('tests/sweep/run.ts')
  }
  console.log('\nskipped, because mounting disks needs root: 1 (power cuts)')
  return { passed: 0, failed: 0 }
}

/** To make that user takes root. */
function user() {
  if (process.getuid() !== 0) {
    console.log(
      '\nskipped, because making another user needs root: 1 (building, npm start and npm test as an ordinary user)',
    )
    return { passed: 0, failed: 0 }
  }
  console.log('\nBuilding, and npm start, as an ordinary user (about 10 minutes) …')
  return counted('tests/user/run.ts')
}

/** Times by floor; those of each scenario have been shown by their runner. All of them are in dist/test-times.json. */
function report(floors, startedAt) {
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  console.log('\nTimes by floor (all of them, by scenario too, are in dist/test-times.json):')
  for (const { name, seconds, passed, failed, skipped } of floors) {
    const left = skipped > 0 ? `, ${skipped} skipped` : ''
    console.log(
      `${String(seconds).padStart(6)} s  ${name.padEnd(12)} ${passed} passed, ${failed} failed${left}`,
    )
  }
  console.log(`${String(seconds).padStart(6)} s  all`)
  const played = floors.some(({ name }) => name === 'scenarios') ? readJson(dist('scenarios.json')) : []
  writeFileSync(
    dist('test-times.json'),
    `${JSON.stringify({ seconds, floors, scenarios: played }, null, 2)}\n`,
  )
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return []
  }
}
