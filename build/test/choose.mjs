// What is to be played: everything, but for what passed here with the same sources; or what a change can reach.
import process from 'node:process'
import { filesBelow, repository } from '../tools.mjs'
import { passed, rememberPassed } from './passed.mjs'
import { reach } from './reach.mjs'
import { changedFiles, closureOf, hashOf } from './sources.mjs'

/** What a floor's result depends on, by the name under which it is reported. The scenarios' runner knows that of each scenario by itself. */
const inputs = {
  unit: ['orchestrator', 'tui', 'initramfs', 'systemd', 'build', 'docs/guest', 'image', 'tests'],
  'power cuts': ['orchestrator', 'tests/sweep', 'tests/end-on-signals.ts', 'tests/scenarios/fair-time.ts'],
  user: [
    ...['build', 'build.mjs', 'image/test-guest', 'tests/user', 'package.json', 'systemd'],
    ...['tests/scenarios/start', 'tests/scenarios/start.ts', 'tests/scenarios/pc', 'tests/end-on-signals.ts'],
    ...['tests/scenarios/fair-time.ts', 'tests/scenarios/expect.ts'],
    // A machine is recorded in a tree of theirs.
    ...['tests/bench/machine-tree.ts', 'tests/unit/fixtures', 'orchestrator/cartridges/store'],
  ],
}

/**
 * `unit`: test files; `sweep`, `user`: whether; `scenarios`: what to tell their runner, null for none of them. `tree`: the files
 * of the working tree with their hashes.
 */
export function choose(tree, { changed, withScenarios }) {
  const keys = Object.fromEntries(
    Object.entries(inputs).map(([floor, names]) => [
      floor,
      hashOf(filesBelow(...names, 'package-lock.json')),
    ]),
  )
  const plan = changed ? whatChanged(tree) : whatHasNotPassed(keys)
  if (!withScenarios) Object.assign(plan, { scenarios: null, user: false })
  return { ...plan, keys, changed, withScenarios }
}

/**
 * After everything in a plan has passed; `skipped`: floors that had nothing to play here. What was chosen by a change says
 * nothing about the rest of its floor.
 */
export function remember(tree, { keys, changed, withScenarios }, skipped) {
  for (const [floor, key] of Object.entries(keys)) {
    const left = skipped.includes(floor) || (floor === 'user' && !withScenarios)
    if (!changed && !left) rememberPassed(floor, key)
  }
  if (withScenarios) rememberPassed(everything, tree)
}

/** Less is played for an ordinary user than for root. */
const everything = process.getuid() === 0 ? 'everything' : 'everything-for-a-user'

function whatHasNotPassed(keys) {
  const due = new Set(Object.keys(keys).filter((floor) => passed(floor) !== keys[floor]))
  for (const floor of Object.keys(keys)) {
    if (!due.has(floor)) console.log(`- ${floor}: passed before with the same sources`)
  }
  const unit = due.has('unit') ? unitFiles() : []
  return { unit, sweep: due.has('power cuts'), user: due.has('user'), scenarios: ['--passed'] }
}

function whatChanged(tree) {
  const changed = changedFiles(passed(everything) ?? {}, tree)
  const inRepository = (path) => path.slice(repository.length + 1)
  const dependencies = Object.fromEntries(
    unitFiles().map((file) => [file, [...closureOf(file)].map(inRepository)]),
  )
  const { floors, stories, unit } = reach(changed, dependencies)
  // Imports do not tell which test looks at all sources.
  const rooms = unitFiles().find((file) => file.endsWith('/rooms.test.ts'))
  if (changed.length > 0 && rooms && !unit.includes(rooms)) unit.push(rooms)
  const played = floors.filter((floor) => floor === 'container' || floor === 'pc')
  const words = [...played.map((floor) => `--floor=${floor}`), ...stories]
  const what = [...floors, ...stories, `${unit.length} unit test files`].join(', ')
  console.log(`- ${changed.length} files changed since everything passed; they can reach: ${what}`)
  const scenarios = words.length > 0 ? ['--passed', ...words] : null
  return { unit, sweep: floors.includes('sweep'), user: floors.includes('user'), scenarios }
}

function unitFiles() {
  return filesBelow('tests/unit').filter((file) => file.endsWith('.test.ts'))
}
