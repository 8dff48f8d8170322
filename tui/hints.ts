import { DeskvisorError } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'

const ELSEWHERE = 'Perhaps somebody changed it meanwhile; the lists of this menu show what there is.'
const DECIDE = 'Decide about it first: the key k in the list of moments.'

/** What to do next in the menu, where what the machine says is meant for a command line. */
const HINTS: Readonly<Record<string, string>> = {
  'no-such-snapshot': ELSEWHERE,
  'no-such-cartridge': ELSEWHERE,
  'not-in-trash': ELSEWHERE,
  'no-cartridge': '"Operating systems" in this menu shows what there is.',
  'try-pending': DECIDE,
  'being-tried': DECIDE,
  golden: 'Choose another moment for every start first, or none.',
}

/** What to do next after an error, in the menu's own terms. */
export function hintOf(error: unknown): string {
  const { code, hint } = error instanceof DeskvisorError ? error : { code: '', hint: '' }
  return HINTS[code] ?? (withoutCommands(sanitize(hint)) || 'The logs may say more.')
}

/** Commands are of no use here; keys of the configuration only where nothing else helps. */
function withoutCommands(hint: string): string {
  const parts = hint
    .split(/(?<=[.;])\s+/)
    .filter((part) => !/\bdeskvisor [a-z]|\bjournalctl\b|\s--?[a-z]/.test(part))
  const usual = parts.filter((part) => !/deskvisor\.toml|\[\w+\]/.test(part))
  return (usual.length > 0 ? usual : parts).join(' ').replace(/;$/, '.')
}
