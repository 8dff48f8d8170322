import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { probeAcceleration } from './pc/probe.ts'
import { playScenario } from './play.ts'
import type { Floor, Scenario, Step } from './scenario.ts'

const usage = `run.ts [NAME…] [--floor container|pc] [--jobs 1|2] [--times N] [--json FILE] [--list]

Plays scenarios on the built image, two at a time unless told otherwise. --times N plays each N times.
`

export type Played = { name: string; floor: Floor; seconds: number; steps: Step[] }

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      list: { type: 'boolean' },
      help: { type: 'boolean' },
      floor: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      times: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const all = await loadScenarios()
  if (values.list) {
    for (const { name, floor, sentence } of all)
      console.log(`${floor.padEnd(10)} ${name.padEnd(20)} ${sentence}`)
    return 0
  }
  const unknown = positionals.filter((name) => !all.some((scenario) => scenario.name === name))
  const mistakes = [
    unknown.length > 0 && `No such scenario: ${unknown.join(', ')}`,
    values.floor !== undefined && !/^(container|pc)$/.test(values.floor) && '--floor takes container or pc',
    !/^[12]$/.test(values.jobs) && '--jobs takes 1 or 2',
    !/^[1-9]\d{0,2}$/.test(values.times) && '--times takes a number from 1 to 999',
  ].filter((mistake) => mistake !== false)
  if (mistakes.length > 0) {
    console.error(`${mistakes.join('\n')}\n\n${usage}`)
    return 2
  }
  const chosen = all
    .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    .filter(({ floor }) => values.floor === undefined || floor === values.floor)
  const { playable, skipped } = split(chosen)
  const played = await playAll(
    playable.flatMap((scenario) => Array.from({ length: Number(values.times) }, () => scenario)),
    Number(values.jobs),
  )
  if (values.json) {
    await mkdir(dirname(values.json), { recursive: true })
    await writeFile(values.json, `${JSON.stringify(played.map(asJson), null, 2)}\n`)
  }
  return summarize(played, skipped)
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

/** Containers are made of mounts, which only root may make. */
function split(chosen: Scenario[]): { playable: Scenario[]; skipped: Scenario[] } {
  const isRoot = process.getuid?.() === 0
  const playable = chosen.filter(({ floor }) => isRoot || floor === 'pc')
  return { playable, skipped: chosen.filter((scenario) => !playable.includes(scenario)) }
}

async function playAll(scenarios: Scenario[], jobs: number): Promise<Played[]> {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
  const { kind, reason } = await probeAcceleration()
  console.log(`Virtual PCs run on ${kind.toUpperCase()} (${reason}).`)
  const waiting = [...scenarios]
  const played: Played[] = []
  const player = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, floor } = next
      const startedAt = Date.now()
      const steps = await playScenario(next, (step) => report(name, step))
      played.push({ name, floor, seconds: Math.round((Date.now() - startedAt) / 1000), steps })
    }
  }
  await Promise.all(Array.from({ length: jobs }, player))
  return played
}

/** Says again what failed, for those who read the end only, what took how long, and counts. */
function summarize(played: Played[], skipped: Scenario[]): number {
  console.log('')
  const steps = played.flatMap(({ steps }) => steps)
  const failed = steps.filter(({ error }) => error).length
  for (const { name, steps } of played)
    for (const step of steps.filter(({ error }) => error)) report(name, step)
  for (const { name, floor, seconds } of played.toSorted((a, b) => b.seconds - a.seconds))
    console.log(`${String(seconds).padStart(5)} s  ${floor.padEnd(10)} ${name}`)
  if (skipped.length > 0)
    console.log(
      `skipped, because they need root: ${skipped.length} (${skipped.map(({ name }) => name).join(', ')})`,
    )
  console.log(`${steps.length - failed} passed, ${failed} failed`)
  return failed === 0 && steps.length > 0 ? 0 : 1
}

function asJson({ name, floor, seconds, steps }: Played) {
  return {
    name,
    floor,
    seconds,
    steps: steps.map(({ sentence, seconds, error }) => ({
      sentence,
      seconds,
      error: error?.message ?? null,
    })),
  }
}

function report(name: string, { sentence, seconds, error }: Step): void {
  console.log(`${error ? 'FAIL' : 'ok  '} ${name}: ${sentence} (${seconds} s)`)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    console.log(cause.message.replace(/^/gm, '       '))
  }
}
