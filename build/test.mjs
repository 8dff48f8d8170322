// Lint, unit tests, power cuts of the store, and scenarios on the image. The last line is always `N passed, N failed`.
import { writeFileSync } from 'node:fs'
import process from 'node:process'
import deps from './deps.mjs'
import generate from './generate.mjs'
import { counted, lint, unitTests } from './test/floors.mjs'
import { forgetAll, passed, rememberPassed } from './test/passed.mjs'
import { reach } from './test/reach.mjs'
import { show } from './test/show.mjs'
import { changedFiles, closureOf, hashOf, treeNow } from './test/sources.mjs'
import { at, dist, filesBelow, repository } from './tools.mjs'

const usage = `npm test [-- --changed | --fresh] [--no-scenarios]

  (nothing)        everything, but for floors and scenarios that passed here with the same sources and image
  --changed        only what a change since everything passed can reach
  --fresh          everything, whatever passed
  --no-scenarios   no image, no containers, no virtual PCs
`

export default async function test(args) {
  const unknown = args.filter((word) => !/^--(changed|fresh|no-scenarios|help)$/.test(word))
  if (unknown.length > 0 || args.includes('--help')) {
    console[unknown.length > 0 ? 'error' : 'log'](usage)
    return unknown.length > 0 ? 2 : 0
  }
  if (args.includes('--fresh')) forgetAll()
  const startedAt = Date.now()
  await generate()
  const tree = treeNow()
  const plan = choose(tree, args)
  const floors = []
  const floor = async (name, play) => {
    const start = Date.now()
    const counts = await play()
    floors.push({ name, seconds: Math.round((Date.now() - start) / 1000), ...counts })
    return counts
  }

  console.log('\nLint (about 10 s) …')
  await floor('lint', lint)
  // The first build takes minutes and mostly one processor, so it goes on beside the unit tests.
  const image = plan.scenarios === null ? undefined : startImage()
  if (plan.unit.length > 0) {
    console.log(`\nUnit tests, ${plan.unit.length} files (about 2 minutes) …`)
    await floor('unit', () => unitTests(plan.unit))
  }
  const power = plan.sweep ? floor('power cuts', sweep) : undefined
  if (image) await floor('scenarios', () => scenarios(image, plan.scenarios))
  await power

  const total = (what) => floors.reduce((sum, counts) => sum + counts[what], 0)
  const failed = total('failed')
  if (failed === 0) remember(tree, plan)
  report(floors, startedAt)
  console.log(`\n${total('passed')} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** What is to be played: unit test files, whether the sweep, and what to tell the scenarios' runner (null: nothing). */
function choose(tree, args) {
  const unitFiles = filesBelow('tests/unit').filter((file) => file.endsWith('.test.ts'))
  const inputs = (...names) => hashOf(filesBelow(...names, 'package-lock.json'))
  const keys = {
    unit: inputs('orchestrator', 'tui', 'initramfs', 'systemd', 'build', 'docs/guest', 'image', 'tests'),
    sweep: inputs('orchestrator', 'tests/sweep'),
  }
  const withScenarios = !args.includes('--no-scenarios')
  if (!args.includes('--changed')) {
    const unit = passed('unit') === keys.unit ? [] : unitFiles
    const needed = passed('sweep') !== keys.sweep
    for (const [name, known] of [
      ['unit tests', unit.length === 0],
      ['power cuts', !needed],
    ])
      if (known) console.log(`- ${name}: passed before with the same sources`)
    return { keys, unit, sweep: needed, scenarios: withScenarios ? ['--passed'] : null }
  }
  const before = passed('everything') ?? {}
  const changed = changedFiles(before, tree)
  const dependencies = Object.fromEntries(
    unitFiles.map((file) => [file, [...closureOf(file)].map((path) => path.slice(repository.length + 1))]),
  )
  const { floors, stories, unit } = reach(changed, dependencies)
  const names = ['container', 'pc'].filter((name) => floors.includes(name))
  const chosen = [...names.map((name) => `--floor=${name}`), ...stories]
  console.log(
    `- ${changed.length} files changed; they can reach: ${[...floors, ...stories, `${unit.length} unit tests`].join(', ')}`,
  )
  const some = withScenarios && chosen.length > 0
  return { keys, unit, sweep: floors.includes('sweep'), scenarios: some ? ['--passed', ...chosen] : null }
}

function remember(tree, { keys, scenarios }) {
  rememberPassed('unit', keys.unit)
  rememberPassed('sweep', keys.sweep)
  if (scenarios !== null || passed('everything')) rememberPassed('everything', tree)
}

function startImage() {
  console.log('\nThe image is built meanwhile (some minutes the first time) …')
  return deps()
    .catch(() => undefined)
    .then(() => show(process.execPath, [at('build.mjs'), 'image'], () => false))
}

async function scenarios(image, args) {
  const { status, output } = await image
  console.log(output.trimEnd())
  if (status !== 0) return { passed: 0, failed: 1 }
  console.log('\nScenarios, on the shipped root in containers and on virtual PCs (about 20 minutes) …')
  return counted('tests/scenarios/run.ts', ['--json', dist('scenarios.json'), ...args])
}

/** Needs root for its disks; without, `npm run test:power-cut` tells how to run it. */
function sweep() {
  if (process.getuid() === 0) {
    console.log('\nPower cuts: the store is looked at as the next start would find it (about 3 minutes) …')
    return counted('tests/sweep/run.ts')
  }
  console.log('\nskipped, because mounting disks needs root: 1 (power cuts)')
  return { passed: 0, failed: 0 }
}

function report(floors, startedAt) {
  console.log('\nTimes by floor; those of each scenario are above, and all of them in dist/test-times.json:')
  for (const { name, seconds, passed, failed } of floors)
    console.log(`${String(seconds).padStart(6)} s  ${name.padEnd(12)} ${passed} passed, ${failed} failed`)
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  console.log(`${String(seconds).padStart(6)} s  all`)
  const scenarios = dist('scenarios.json')
  writeFileSync(dist('test-times.json'), `${JSON.stringify({ seconds, floors, scenarios }, null, 2)}\n`)
}
