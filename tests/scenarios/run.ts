import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { endOnSignals } from '../end-on-signals.ts'
import { forgetResult, keepResult, keptResult, playedWith } from './kept-results.ts'
import { burden } from './load.ts'
import { parseOptions, usage } from './options.ts'
import { probeAcceleration } from './pc/probe.ts'
import { playScenario } from './play.ts'
import { asJson, type Played, reportStep, type Skipped, summarize } from './report.ts'
import type { Scenario, Step } from './scenario.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const all = await loadScenarios()
  const options = parseOptions(args, all)
  if (typeof options === 'string') {
    console.error(`${options}\n\n${usage}`)
    return 2
  }
  if (options.help) process.stdout.write(usage)
  if (options.list)
    for (const { name, floor, sentence } of all)
      console.log(`${floor.padEnd(10)} ${name.padEnd(18)} ${sentence}`)
  if (options.help || options.list) return 0

  const everything = options.names.length === 0 && options.floors.length === 0
  const chosen = all.filter(
    ({ name, floor }) => everything || options.names.includes(name) || options.floors.includes(floor),
  )
  const { noDesktop, kind, reason } = await probeAcceleration()
  console.log(`Virtual PCs run on ${kind.toUpperCase()} (${reason}).`)
  // Containers are made of mounts, which only root may make.
  const isRoot = process.getuid?.() === 0
  const [containers, pcs] = split(chosen, ({ floor }) => floor === 'container')
  const skipped: Skipped[] = [
    { why: 'they need root', scenarios: isRoot ? [] : containers },
    { why: noDesktop ?? '', scenarios: noDesktop === null ? [] : pcs },
  ]
  const playable = chosen.filter((one) => !skipped.some(({ scenarios }) => scenarios.includes(one)))
  const keys = new Map<string, string>()
  for (const scenario of playable) keys.set(scenario.name, await playedWith(scenario))
  const known = (scenario: Scenario) => keptResult(scenario.name, keys.get(scenario.name) ?? '')
  const [kept, wanted] = split(playable, (scenario) => options.passed && known(scenario) !== undefined)
  if (kept.length > 0)
    console.log(`Passed before with the same image and sources: ${kept.map(({ name }) => name).join(', ')}`)
  const knownSteps = kept.reduce((sum, scenario) => sum + (known(scenario)?.steps ?? 0), 0)

  burden(options.load)
  const { times } = options
  const plays = wanted.flatMap((scenario) =>
    Array.from({ length: times }, (_, index) => ({
      scenario,
      results: times > 1 ? `${scenario.name}-${index + 1}` : scenario.name,
    })),
  )
  const played = await playAll(plays, options)
  // Of several plays, all must have passed.
  const failed = new Set(
    played.filter(({ steps }) => steps.some(({ error }) => error)).map(({ name }) => name),
  )
  for (const { name, seconds, steps } of played)
    if (failed.has(name)) forgetResult(name)
    else keepResult(name, { playedWith: keys.get(name) ?? '', steps: steps.length, seconds })
  if (options.json !== undefined) {
    await mkdir(dirname(options.json), { recursive: true })
    await writeFile(options.json, `${JSON.stringify(asJson(played), null, 2)}\n`)
  }
  return summarize(played, skipped, knownSteps)
}

async function loadScenarios(): Promise<Scenario[]> {
  const folder = join(import.meta.dirname, 'stories')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<{ default: Scenario }>),
  )
  // The longest first, so that the two players end at about the same time.
  return modules
    .map((module) => module.default)
    .sort((a, b) => b.limitS - a.limitS || (a.name < b.name ? -1 : 1))
}

function split<T>(list: readonly T[], belongs: (item: T) => boolean): [T[], T[]] {
  return [list.filter(belongs), list.filter((item) => !belongs(item))]
}

/** `results`: the name of the folder for what is to be seen of it. */
type Play = { scenario: Scenario; results: string }

async function playAll(
  plays: Play[],
  { jobs, minutes }: { jobs: number; minutes: number },
): Promise<Played[]> {
  endOnSignals()
  const waiting = [...plays]
  const played: Played[] = []
  const soFar: Step[] = []
  // Who is told to end says what it has counted.
  const sayCount = () => {
    const failed = soFar.filter(({ error }) => error).length
    console.log(`${soFar.length - failed} passed, ${failed} failed`)
  }
  process.once('exit', sayCount)
  const player = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, floor } = next.scenario
      const startedAt = Date.now()
      const report = (step: Step) => {
        soFar.push(step)
        reportStep(name, step)
      }
      const steps = await playScenario(next.scenario, next.results, report, minutes)
      played.push({ name, floor, seconds: Math.round((Date.now() - startedAt) / 1000), steps })
    }
  }
  await Promise.all(Array.from({ length: jobs }, player))
  process.removeListener('exit', sayCount)
  return played
}
