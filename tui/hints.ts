import { DeskvisorError, type NextStep, sentenceFor } from '../orchestrator/api/index.ts'
import { sanitize } from './terminal/sanitize.ts'

/** What to do next after an error, in the menu's own terms. */
export function hintOf(error: unknown): string {
  const steps = error instanceof DeskvisorError ? error.next : []
  const isSetting = ({ do: kind }: NextStep) => kind === 'edit-config'
  const usual = steps.filter((step) => !isSetting(step))
  // Settings are edited elsewhere, so they are told of only where nothing else helps.
  const told = sentencesFor(usual) || sentencesFor(steps.filter(isSetting))
  return sanitize(told) || 'The logs may say more.'
}

function sentencesFor(steps: readonly NextStep[]): string {
  return steps.flatMap((step) => inTheMenu(step) ?? []).join(' ')
}

/** Null for what is of no use here: commands, and the journal, which every error leads to. */
function inTheMenu(step: NextStep): string | null {
  switch (step.do) {
    case 'see':
      return 'Perhaps somebody changed it meanwhile; the lists of this menu show what there is.'
    case 'insert':
      return '"Operating systems" in this menu shows what there is.'
    case 'decide-try':
      return 'Decide about it first: the key k in the list of moments.'
    case 'other-golden':
      return 'Choose another moment for every start first, or none.'
    case 'force':
      return 'See what it waits for and try again, or let it be switched off: what it has not saved is lost then. Should it shut down late, it is started again.'
    case 'run':
    case 'read-journal':
      return null
    default:
      return sentenceFor(step)
  }
}
