import type { Snapshot } from '../../api/index.ts'
import { oneLine } from '../../host/errors.ts'
import { columns } from '../columns.ts'
import { writtenSize } from '../sizes.ts'
import { age, localTime } from '../when.ts'

/** What a terminal has at least, in characters. */
const width = 80
const indent = '    '

/** The snapshots as a table that is not wider than a terminal; what else there is to say about one stands below its row. */
export function snapshotRows(snapshots: readonly Snapshot[], now: number): string {
  const names = snapshots.map(({ name }) => name)
  const head = ['SNAPSHOT', 'LOCAL TIME', 'AGE', 'KIND', 'ONLY IT', 'WRITTEN']
  const rows = snapshots.map((snapshot) => [
    callable(snapshot.name, names),
    localTime(snapshot.takenAt, now),
    age(snapshot.takenAt, now),
    snapshot.kind,
    writtenSize(snapshot.exclusiveBytes),
    writtenSize(snapshot.writtenBytes),
  ])
  const [first = '', ...lines] = columns([head, ...rows]).split('\n')
  const body = snapshots.map((snapshot, index) => [lines[index], ...wrapped(about(snapshot))])
  return [first, ...body.flat()].map((line) => `${line}\n`).join('')
}

/** The beginning of a name up to the minute where that fits no other snapshot, for a command line takes it; else up to the second. */
function callable(name: string, names: readonly string[]): string {
  const beginnings = [name.slice(0, 16), name.slice(0, 20)]
  const only = beginnings.find(
    (beginning) =>
      /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\dZ)?$/.test(beginning) &&
      names.filter((each) => each.startsWith(beginning)).length === 1,
  )
  return only ?? name
}

function about({ healthy, pinned, consistency, osLabel, note }: Snapshot): string {
  const facts = [
    ...(healthy ? ['known good'] : []),
    ...(pinned ? ['pinned'] : []),
    ...(consistency === 'crash-consistent' ? ['as after a power cut'] : []),
    ...(osLabel ? [osLabel] : []),
    ...(note ? [note] : []),
  ]
  return oneLine(facts.join(', '))
}

/** Between words; a word that is longer than a line stays whole. */
function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter(Boolean)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`${indent}${word}`)
  }
  return lines
}
