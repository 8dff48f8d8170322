import { asObject } from './objects.ts'

/** What a person or a program can do next after an error, by what it is, each with what has to be known for it. */
export const nextSteps = {
  /** Advice that holds wherever it is read. */
  tell: ['text'],
  /** Other work is under way. */
  wait: [],
  'shut-down': [],
  restart: [],
  'be-root': [],
  'free-space': [],
  /** What was named is not there; the command shows what is. */
  see: ['command'],
  insert: [],
  'decide-try': [],
  'other-golden': [],
  /** The desktop may be switched off hard, at the price of what it has not saved. */
  force: [],
  /** For a command line only: `{command}` in the text stands for the command. */
  run: ['text', 'command'],
  /** `{setting}` in the text stands for the setting of deskvisor.toml, for example `[console] without_gpu`. */
  'edit-config': ['text', 'setting'],
  /** `which` is what journalctl(1) is told. */
  'read-journal': ['which'],
} as const

type Steps = typeof nextSteps
type Step<Do extends keyof Steps> = { do: Do } & { [Needed in Steps[Do][number]]: string }

export type NextStep = { [Do in keyof Steps]: Step<Do> }[keyof Steps]

/** As an error is thrown with it: a text alone is advice to everybody. */
export type Next = string | NextStep | readonly (string | NextStep)[]

export function asNextSteps(next: Next): readonly NextStep[] {
  return [next].flat().map((step) => (typeof step === 'string' ? { do: 'tell', text: step } : step))
}

/** Steps that came from elsewhere, perhaps from another version of this program: those that are understood. */
export function knownNextSteps(value: unknown): NextStep[] {
  if (!Array.isArray(value)) return []
  return value.filter((step) => {
    const { do: known, ...rest } = asObject(step)
    if (typeof known !== 'string' || !Object.hasOwn(nextSteps, known)) return false
    return nextSteps[known as keyof Steps].every((needed) => typeof rest[needed] === 'string')
  })
}

/** What a person at a command line reads: the steps in their order, as sentences; undefined when there are none. */
export function hintOf(steps: readonly NextStep[]): string | undefined {
  // A sentence that begins with a command goes on with the one before.
  const joined = steps.map(sentenceFor).reduce((before, next) => {
    return /^[a-z]/.test(next) ? `${before.replace(/\.$/, '')}; ${next}` : `${before} ${next}`
  }, '')
  return steps.length === 0 ? undefined : joined.replace(/^;? /, '')
}

/** One of them as a person at a command line reads it. */
export function sentenceFor(step: NextStep): string {
  switch (step.do) {
    case 'tell':
      return step.text
    case 'wait':
      return 'Wait for it to end, then try again.'
    case 'shut-down':
      return 'Shut the desktop down first.'
    case 'restart':
      return 'Restart the computer.'
    case 'be-root':
      return 'Try it as root.'
    case 'free-space':
      return 'Delete moments or operating systems that nobody needs, then try again.'
    case 'see':
      return `${step.command} shows what there is.`
    case 'insert':
      return 'deskvisor cartridge list shows what there is; deskvisor cartridge insert NAME inserts one.'
    case 'decide-try':
      return 'Keep it or drop it first (deskvisor keep, deskvisor drop).'
    case 'other-golden':
      return 'Mark another moment for that first, or none (deskvisor cartridge golden).'
    case 'force':
      return 'See what it waits for and try again, or let it be switched off (--force): what it has not saved is lost then. Should it shut down late, it is started again.'
    case 'run':
      return step.text.replace('{command}', () => step.command)
    case 'edit-config':
      return step.text.replace('{setting}', () => `${step.setting} in deskvisor.toml`)
    case 'read-journal':
      return `journalctl ${step.which} may say more.`
  }
}
