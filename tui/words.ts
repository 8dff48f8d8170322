import type { Status } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'
import { clip } from './terminal/text.ts'

/** Longest value that is shown, in characters; only a damaged file has more to say. */
const LONGEST_VALUE = 200

/** Bytes as a person says them: `16 GB`, `7.5 GB`, `512 MB` (powers of 1024, as memory is sold). */
export function gigabytes(bytes: number): string {
  if (!(bytes >= 0 && bytes < 2 ** 60)) return 'unknown'
  const mega = bytes / 2 ** 20
  if (mega < 1000) return `${Math.round(mega)} MB`
  const giga = mega / 1024
  return `${giga < 9.95 ? giga.toFixed(1).replace(/\.0$/, '') : Math.round(giga)} GB`
}

/** Why this menu is shown, in one sentence. */
export function reasonOf(status: Status): string {
  if (status.intent === null) return 'This is the recovery menu.'
  return clip(sanitize(status.intent.reason.text), LONGEST_VALUE * 2) || 'This is the recovery menu.'
}

/** The title of the inserted operating system, or a name for none. */
export function systemOf(status: Status): string {
  const system = status.operatingSystem
  if (system === null) return 'none is inserted'
  return sanitize(system.title) || sanitize(system.name) || 'one without a name'
}

/** What is known about the machine, as name and value, most important first. */
export function factsOf(status: Status): [name: string, value: string][] {
  const addresses = status.addresses.map((each) => `${sanitize(each.address)} (${sanitize(each.interface)})`)
  const { total, available } = status.memory
  const facts: [string, string][] = [
    ['Operating system', systemOf(status) + (status.console.running ? ' (running now)' : '')],
    ['Addresses', addresses.join(', ') || 'not connected to a network'],
    ['Memory', `${gigabytes(total)}, of which ${gigabytes(available)} is free`],
    ['Deskvisor', `version ${sanitize(status.version)}`],
  ]
  if (status.space?.warning) facts.unshift(['Space', sanitize(status.space.warning)])
  const problem = status.configError === null ? '' : sanitize(status.configError)
  if (problem !== '' && !reasonOf(status).includes(problem)) facts.unshift(['Settings', problem])
  return facts.map(([name, value]) => [name, clip(value, LONGEST_VALUE)])
}
