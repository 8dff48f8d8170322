import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { places } from './pc/places.ts'
import { preparedDisk } from './pc/prepared.ts'
import { probeAcceleration } from './pc/probe.ts'
import { playScenario, type Scenario, type Step } from './scenario.ts'

/** Scenarios take about this much of the time that they may take. */
const usualShare = 0.6
/** When more scenarios than these fail, it is no accident. */
const mostReplayed = 6
/** Nothing is begun again that would end later than this, so that the whole run ends within an hour and a half. */
const replaysEndMs = 66 * 60_000

process.exitCode = await main(process.argv.slice(2))

/**
 * `run.ts [NAME…] [--list] [--jobs 1|2] [--replays N]`: plays scenarios, at most two PCs at a time; those that fail are
 * played again, N times at most.
 */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      list: { type: 'boolean' },
      jobs: { type: 'string', default: '2' },
      replays: { type: 'string', default: '0' },
    },
  })
  const all = await loadScenarios()
  if (values.list) {
    for (const { name, sentence } of all) console.log(`${name.padEnd(20)} ${sentence}`)
    return 0
  }
  const unknown = positionals.filter((name) => !all.some((scenario) => scenario.name === name))
  const mistakes = [
    unknown.length > 0 && `No such scenario: ${unknown.join(', ')}`,
    !/^[12]$/.test(values.jobs) && '--jobs takes 1 or 2',
    !/^\d$/.test(values.replays) && '--replays takes a digit',
  ].filter((mistake) => mistake !== false)
  if (mistakes.length > 0) {
    console.error(mistakes.join('\n'))
    return 2
  }
  const chosen = positionals.length > 0 ? all.filter(({ name }) => positionals.includes(name)) : all
  return play(chosen, Number(values.jobs), Number(values.replays))
}

async function loadScenarios(): Promise<Scenario[]> {
  const folder = join(import.meta.dirname, 'stories')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<{ default: Scenario }>),
  )
  // The longest first, so that the two PCs end at about the same time.
  return modules
    .map((module) => module.default)
    .sort((a, b) => b.limitS - a.limitS || (a.name < b.name ? -1 : 1))
}

async function play(scenarios: Scenario[], jobs: number, replays: number): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  const { kind, reason } = await probeAcceleration()
  console.log(`Virtual PCs run on ${kind.toUpperCase()} (${reason}).`)
  const startedAt = Date.now()
  const failed = await preparedDisk().then(
    () => undefined,
    (error: Error) => error,
  )
  const seconds = Math.round((Date.now() - startedAt) / 1000)
  if (failed) {
    report('prepare', { sentence: 'the image takes the test guest as a cartridge', seconds, error: failed })
    console.log('0 passed, 1 failed')
    return 1
  }
  console.log(`The disk with the test guest is ready (${seconds} s).`)
  const started = performance.now()
  const plays = [await playAll(scenarios, jobs)]
  // An emulated processor on a busy machine may lose its way; what is broken fails every time.
  while (plays.length <= replays) {
    const again = scenarios.filter(({ name }) => failuresOf(lastOf(plays, name)).length > 0)
    if (again.length === 0 || again.length > mostReplayed) break
    if (performance.now() - started + expectedMs(again, jobs) > replaysEndMs) break
    for (const { name } of again) await keepEvidence(name, plays.length)
    console.log(`\nOnce more: ${again.map(({ name }) => name).join(', ')}`)
    plays.push(await playAll(again, jobs))
  }
  return summarize(scenarios, plays)
}

/** How long these take, `jobs` at a time: no less than the longest, nor than all of them shared out. */
function expectedMs(scenarios: Scenario[], jobs: number): number {
  const times = scenarios.map(({ limitS }) => limitS * usualShare * 1000)
  const sum = times.reduce((total, time) => total + time, 0)
  return Math.max(...times, sum / jobs)
}

type Played = Map<string, Step[]>

async function playAll(scenarios: Scenario[], jobs: number): Promise<Played> {
  const waiting = [...scenarios]
  const played: Played = new Map()
  const player = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name } = next
      played.set(name, await playScenario(next, (step) => report(name, step)))
    }
  }
  await Promise.all(Array.from({ length: jobs }, player))
  return played
}

/** Says again what failed, for those who read the end only, and counts the last play of each scenario. */
function summarize(scenarios: Scenario[], plays: Played[]): number {
  console.log('')
  for (const { name } of scenarios) {
    for (const [index, played] of plays.entries()) {
      const failures = failuresOf(played.get(name))
      const isLast = played.get(name) === lastOf(plays, name)
      if (failures.length > 0 && !isLast) console.log(`Play ${index + 1} of ${name}, which was played again:`)
      for (const step of failures) report(isLast ? name : `${name}-${index + 1}`, step)
    }
  }
  const all = scenarios.flatMap(({ name }) => lastOf(plays, name))
  const failed = failuresOf(all).length
  console.log(`${all.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

/** The steps of the last play of a scenario. */
function lastOf(plays: Played[], name: string): Step[] {
  return plays.findLast((played) => played.has(name))?.get(name) ?? []
}

/** What play number `play` left, before the next one clears it away. */
async function keepEvidence(name: string, play: number): Promise<void> {
  const kept = join(places.results, `${name}-${play}`)
  await rm(kept, { recursive: true, force: true })
  await rename(join(places.results, name), kept)
}

function failuresOf(steps: Step[] = []): Step[] {
  return steps.filter((step) => step.error)
}

function report(name: string, { sentence, seconds, error }: Step): void {
  console.log(`${error ? 'FAIL' : 'ok  '} ${name}: ${sentence} (${seconds} s)`)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    console.log(cause.message.replace(/^/gm, '       '))
  }
  if (error) console.log(`       see dist/test-results/${name}/`)
}
