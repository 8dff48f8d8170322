import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { places } from './pc/places.ts'
import { preparedDisk } from './pc/prepared.ts'
import { probeAcceleration } from './pc/probe.ts'
import { playScenario, type Scenario, type Step } from './scenario.ts'

/** When more than these fail, it is no accident. */
const mostRetried = 3

process.exitCode = await main(process.argv.slice(2))

/** `run.ts [NAME…] [--list] [--jobs 1|2]`: plays scenarios, at most two PCs at a time. */
async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { list: { type: 'boolean' }, jobs: { type: 'string', default: '2' } },
  })
  const all = await loadScenarios()
  if (values.list) {
    for (const { name, sentence } of all) console.log(`${name.padEnd(20)} ${sentence}`)
    return 0
  }
  const unknown = positionals.filter((name) => !all.some((scenario) => scenario.name === name))
  if (unknown.length > 0 || !['1', '2'].includes(values.jobs)) {
    console.error(unknown.length > 0 ? `No such scenario: ${unknown.join(', ')}` : '--jobs takes 1 or 2')
    return 2
  }
  const chosen = positionals.length > 0 ? all.filter(({ name }) => positionals.includes(name)) : all
  return play(chosen, Number(values.jobs))
}

async function loadScenarios(): Promise<Scenario[]> {
  const folder = join(import.meta.dirname, 'scenarios')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  const modules = await Promise.all(
    files.map((file) => import(join(folder, file)) as Promise<{ default: Scenario }>),
  )
  // The longest first, so that the two PCs end at about the same time.
  return modules
    .map((module) => module.default)
    .sort((a, b) => b.limitS - a.limitS || (a.name < b.name ? -1 : 1))
}

async function play(scenarios: Scenario[], jobs: number): Promise<number> {
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
  const first = await playAll(scenarios, jobs)
  const again = scenarios.filter(({ name }) => failuresOf(first.get(name)).length > 0)
  // An emulated processor on a busy machine may lose its way; what is broken fails alone as well.
  const retried = again.length <= mostRetried ? again : []
  for (const { name } of retried) await keepFirstEvidence(name)
  if (retried.length > 0) console.log(`\nOnce more, with nothing beside it: ${namesOf(retried)}`)
  const second = await playAll(retried, 1)
  return summarize(scenarios, first, second)
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
function summarize(scenarios: Scenario[], first: Played, second: Played): number {
  const steps = scenarios.map(({ name }) => ({ name, last: second.get(name) ?? first.get(name) ?? [] }))
  console.log('')
  const shaky = [...second].filter(([, last]) => failuresOf(last).length === 0)
  for (const [name] of shaky) {
    console.log(`Passed only the second time: ${name}. The first time:`)
    for (const step of failuresOf(first.get(name))) report(`${name}-1`, step)
  }
  for (const { name, last } of steps) for (const step of failuresOf(last)) report(name, step)
  const all = steps.flatMap(({ last }) => last)
  const failed = failuresOf(all).length
  console.log(`${all.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function keepFirstEvidence(name: string): Promise<void> {
  const kept = join(places.results, `${name}-1`)
  await rm(kept, { recursive: true, force: true })
  await rename(join(places.results, name), kept)
}

function failuresOf(steps: Step[] = []): Step[] {
  return steps.filter((step) => step.error)
}

function namesOf(scenarios: Scenario[]): string {
  return scenarios.map(({ name }) => name).join(', ')
}

function report(name: string, { sentence, seconds, error }: Step): void {
  console.log(`${error ? 'FAIL' : 'ok  '} ${name}: ${sentence} (${seconds} s)`)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    console.log(cause.message.replace(/^/gm, '       '))
  }
  if (error) console.log(`       see dist/test-results/${name}/`)
}
