import type { CartridgeInfo, Status } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { clip } from './terminal/text.ts'
import { gigabytes, systemOf } from './words.ts'

/** An operating system as the screens for going back need it. */
export type Subject = {
  name: string
  title: string
  /** The desktop is this one, so it starts afterwards. */
  inserted: boolean
  /** It runs now and is shut down before. */
  running: boolean
}

export function subjectOf(system: CartridgeInfo): Subject {
  const { name, inserted, running } = system
  return { name, title: titleOf(system), inserted, running }
}

/** The operating system that is the desktop, or null when there is none. */
export function insertedSubject(status: Status | null): Subject | null {
  if (status === null || status.operatingSystem === null) return null
  const { name } = status.operatingSystem
  return { name, title: systemOf(status), inserted: true, running: status.console.running }
}

/** What an operating system is called on the screen. */
export function titleOf({ title, name }: { title: string; name: string }): string {
  return clip(sanitize(title).trim() || sanitize(name), 60) || 'one without a name'
}

/** One or two words for the end of its row. */
export function markOf({ problem, running, inserted }: CartridgeInfo): string {
  if (problem !== null) return 'damaged'
  if (running) return 'running'
  return inserted ? 'the desktop' : ''
}

/** What there is to say about an operating system, most important first. */
export function systemFacts(system: CartridgeInfo): string[] {
  const { problem, inserted, reset, diskBytes, dataBytes, snapshots, trying } = system
  const note = clip(sanitize(system.note).trim(), 200)
  const kept = snapshots === 1 ? '1 moment was kept' : `${snapshots} moments were kept`
  const size = diskBytes === null ? '' : `Its disk has ${gigabytes(diskBytes)}; `
  const data = dataBytes === null ? '' : `its disk for data has ${gigabytes(dataBytes)}; `
  return [
    problem === null ? '' : `It cannot start: ${clip(sanitize(problem), 200)}`,
    note === '' ? '' : `Note: ${note}`,
    inserted ? 'This is what the desktop starts.' : '',
    trying === null ? '' : 'An earlier moment of it is tried.',
    reset ? 'It starts fresh every time.' : '',
    `${size}${data}${kept}.`,
  ].filter((text) => text !== '')
}
