import type { JobInfo, Status } from '../../../orchestrator/api/index.ts'
import type { Known } from '../../machine-state.ts'
import { spoken } from '../../spoken.ts'
import { clip } from '../../terminal/text.ts'
import { systemOf } from '../../words.ts'

export type HomeAction =
  | 'desktop'
  | 'snapshots'
  | 'systems'
  | 'logs'
  | 'devices'
  | 'shell'
  | 'restart'
  | 'poweroff'

/** The list of the first screen; plain text mode offers the same. `does` says what will happen. */
export const HOME_ITEMS: { action: HomeAction; label: string; does: (state: Known) => string }[] = [
  { action: 'desktop', label: 'Start the desktop', does: ({ status }) => startSentence(status) },
  {
    action: 'snapshots',
    label: 'Go back to an earlier moment',
    does: ({ status }) => goBackSentence(status),
  },
  {
    action: 'systems',
    label: 'Operating systems',
    does: () => 'Switch, bring in, copy. Asks first.',
  },
  {
    action: 'logs',
    label: 'Show what happened (logs)',
    does: () => 'Shows the newest messages of this computer.',
  },
  {
    action: 'devices',
    label: 'What the desktop gets (devices)',
    does: () => 'Shows which devices go to the desktop, and why.',
  },
  { action: 'shell', label: 'Command line (shell)', does: () => 'Opens a command line for experts.' },
  {
    action: 'restart',
    label: 'Restart the computer',
    does: () => 'Turns the computer off and on. Asks first.',
  },
  { action: 'poweroff', label: 'Switch off', does: () => 'Turns the computer off. Asks first.' },
]

/** That list, and below it the work that is under way. */
export function homeItems({ jobs }: Known): { label: string; does: (state: Known) => string }[] {
  const running = jobs.map((job) => ({
    label: jobLabel(job),
    does: () => 'Is under way. Shows how it goes.',
  }))
  return [...HOME_ITEMS, ...running]
}

/** `Importing gondor: 43 %`; short enough for the list of the first screen. */
function jobLabel({ title, snapshot, progress }: JobInfo): string {
  const share = progress === null ? ' ...' : `: ${Math.floor(progress * 100)} %`
  return `${clip(spoken(title, snapshot).trim(), 26)}${share}`
}

/** Reasons to be here that an earlier snapshot most probably helps against. */
const TROUBLES = ['boot-key', 'keyboard-lost', 'failed-starts', 'crash-loop']

/** What somebody most probably came for, given why the menu was opened. */
export function likelyAction({ intent, operatingSystem }: Status): HomeAction {
  if (operatingSystem === null) return 'systems'
  return TROUBLES.includes(intent?.reason.code ?? '') ? 'snapshots' : 'desktop'
}

function startSentence(status: Status | null): string {
  if (status === null) return 'Starts the desktop.'
  if (status.operatingSystem === null) return 'There is no operating system to start yet.'
  return clip(`Starts ${systemOf(status)}. Nothing is changed.`, 70)
}

function goBackSentence(status: Status | null): string {
  if (status !== null && status.operatingSystem === null) return 'There is nothing to go back to yet.'
  return 'Your desktop as it was. Can be undone.'
}
