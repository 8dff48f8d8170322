import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { preparedDisk } from './pc/prepared.ts'
import { probeAcceleration } from './pc/probe.ts'
import { playScenario, type Scenario, type Step } from './scenario.ts'

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
  const waiting = [...scenarios]
  const steps: Step[] = []
  const player = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name } = next
      steps.push(...(await playScenario(next, (step) => report(name, step))))
    }
  }
  await Promise.all(Array.from({ length: jobs }, player))
  const failures = steps.filter((step) => step.error).length
  console.log(`${steps.length - failures} passed, ${failures} failed`)
  return failures === 0 ? 0 : 1
}

function report(name: string, { sentence, seconds, error }: Step): void {
  console.log(`${error ? 'FAIL' : 'ok  '} ${name}: ${sentence} (${seconds} s)`)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    console.log(cause.message.replace(/^/gm, '       '))
  }
  if (error) console.log(`       see dist/test-results/${name}/`)
}
