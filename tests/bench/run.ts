import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endOnSignals } from '../end-on-signals.ts'
import { allReached, jsonOf, tableOf } from './report.ts'
import type { Failed, Measure, Row } from './row.ts'

const usage = `npm run bench [-- NAME…] [--rounds N]

  NAME…         take only these measures (--only NAME… is the same)
  --rounds N    how often each thing that is compared is done (25; in virtual PCs 3)

Prints a table and writes dist/bench.json. Exit status 1 when a target is missed.
`

const load: Record<string, () => Promise<{ default: Measure }>> = {
  uki: () => import('./measures/uki.ts'),
  menu: () => import('./measures/menu.ts'),
  rollback: () => import('./measures/rollback.ts'),
  alternatives: () => import('./measures/alternatives.ts'),
  pause: () => import('./measures/pause.ts'),
  writes: () => import('./measures/writes.ts'),
  snapshots: () => import('./measures/snapshots.ts'),
  boot: () => import('./measures/boot.ts'),
  console: () => import('./measures/console.ts'),
  firmware: () => import('./measures/firmware.ts'),
}
/** Measures that switch virtual PCs on: a round takes minutes. */
const slow = ['console', 'firmware']

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const line = commandLine(args)
  if (typeof line === 'string') {
    console.error(`${line}\n\n${usage}`)
    return 2
  }
  const measures = await Promise.all(line.only.map(async (name) => (await load[name]?.())?.default))
  if (line.help) {
    process.stdout.write(`${usage}\n`)
    for (const measure of measures) console.log(`  ${measure?.name.padEnd(14)}${measure?.sentence}`)
    return 0
  }
  // Virtual PCs are killed when this process ends, and only an orderly end gets to do so.
  endOnSignals()
  const rows: Row[] = []
  const failed: Failed[] = []
  for (const measure of measures) {
    if (!measure) continue
    const reason = measure.skip?.()
    if (reason) {
      console.log(`- ${measure.name}: skipped, because ${reason}`)
      continue
    }
    const rounds = line.rounds ?? (slow.includes(measure.name) ? 3 : 25)
    console.log(`- ${measure.name}: ${measure.sentence} …`)
    try {
      rows.push(...(await measure.take(rounds, (text) => console.log(`  ${text}`))))
    } catch (error) {
      failed.push({ name: measure.name, error: messagesOf(error) })
    }
  }
  console.log(`\n${tableOf(rows, failed)}`)
  const about = { at: new Date().toISOString(), node: process.version, processors: cpus().length }
  const dist = join(import.meta.dirname, '../../dist')
  await mkdir(dist, { recursive: true })
  await writeFile(join(dist, 'bench.json'), `${JSON.stringify(jsonOf(rows, failed, about), null, 2)}\n`)
  return allReached(rows, failed) ? 0 : 1
}

/** What was asked for, or a sentence about what is wrong with it. */
function commandLine(args: string[]): { only: string[]; rounds: number | undefined; help: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        only: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    // Of `--only uki menu`, too, the words after the first one are positionals.
    const names = [...(values.only ?? []), ...positionals]
    const unknown = names.filter((name) => !Object.hasOwn(load, name))
    if (unknown.length > 0) return `No such measure: ${unknown.join(', ')}`
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
    if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))
      return '--rounds takes a number from 1 on'
    return { only: names.length > 0 ? names : Object.keys(load), rounds, help: values.help === true }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function messagesOf(error: unknown): string {
  const messages: string[] = []
  for (let cause = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message)
  return messages.join(': ') || String(error)
}
