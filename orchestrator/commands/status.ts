import { readStatus, type Status } from '../api/index.ts'
import type { CommandInput } from './description.ts'

export default async function status({ machine, options, stdout }: CommandInput): Promise<undefined> {
  const state = await readStatus(machine)
  stdout.write(options.json === true ? `${JSON.stringify(state, null, 2)}\n` : asText(state))
}

function asText(state: Status): string {
  const { intent, console: desktop, memory } = state
  const lines = [
    ['Version', state.version],
    ['This boot', intent ? `${intent.intent}: ${intent.reason.text}` : 'not decided yet'],
    ['Operating system', state.operatingSystem?.title ?? 'none inserted'],
    ['Desktop', desktop.running ? (desktop.healthy ? 'running' : 'running, not yet healthy') : 'not running'],
    ['Memory', `${mebibytes(memory.available)} of ${mebibytes(memory.total)} MiB available`],
    ...(state.space?.warning ? [['Space', state.space.warning]] : []),
    ['Addresses', state.addresses.map(({ address }) => address).join(', ') || 'none'],
    ['Boot key', state.bootKey.toUpperCase()],
    ...(state.configError ? [['Configuration', state.configError]] : []),
    ...state.passthrough.map(({ address, given, description, reason }) => [
      address,
      `${given ? 'given' : 'stays'}: ${description} (${reason})`,
    ]),
  ]
  return lines.map(([left = '', right = '']) => `${`${left}:`.padEnd(18)}${right}\n`).join('')
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}
