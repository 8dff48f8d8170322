import type { BootIntent, Reason } from './types.ts'

/** Everything that decides where a boot goes. A sentence where something is wrong, null where nothing is. */
export type BootFacts = {
  /** Why the data partition cannot be used. */
  dataProblem: string | null
  /** The menu asked for the desktop. */
  desktopRequested: boolean
  /** `deskvisor.recovery` stands on the kernel command line. */
  kernelArgument: boolean
  /** What the one-shot flag says. */
  nextBoot: Reason | null
  /** The boot key that was seen, in words a person would use, and where. */
  pressed: { key: string; device: string } | null
  /** A key was held, and the kernel gave its keyboard up: lost-keyboard.ts. */
  keyboardLost: boolean
  cartridgeProblem: string | null
  /** Console starts since the console was last healthy; null when the counter cannot be read. */
  attempts: number | null
  maxFailedStarts: number
  configProblem: string | null
}

/** Facts of a boot to which nothing happened. */
export const ordinaryBoot: BootFacts = {
  dataProblem: null,
  desktopRequested: false,
  kernelArgument: false,
  nextBoot: null,
  pressed: null,
  keyboardLost: false,
  cartridgeProblem: null,
  attempts: 0,
  maxFailedStarts: Number.POSITIVE_INFINITY,
  configProblem: null,
}

type Rule = (facts: BootFacts) => Reason | null

/**
 * The first rule that speaks sends the boot to recovery.
 * Without a data partition nothing else can be known, so that stands first. Who chose "start desktop" in the menu
 * has answered the rules that only ask (argument, flag, key, failed starts), but a desktop must be possible.
 */
export function decideIntent(facts: BootFacts): BootIntent {
  const rules = facts.desktopRequested
    ? [dataUnavailable, noCartridge, invalidConfig]
    : [
        dataUnavailable,
        kernelArgument,
        nextBoot,
        bootKey,
        lostKeyboard,
        noCartridge,
        failedStarts,
        invalidConfig,
      ]
  for (const rule of rules) {
    const reason = rule(facts)
    if (reason) return { intent: 'recovery', reason }
  }
  const reason: Reason = facts.desktopRequested
    ? { code: 'menu-request', text: 'The desktop was chosen in the menu.' }
    : { code: 'normal', text: 'Nothing asked for recovery.' }
  return { intent: 'desktop', reason }
}

const dataUnavailable: Rule = ({ dataProblem }) =>
  dataProblem === null ? null : { code: 'data-unavailable', text: dataProblem }

const kernelArgument: Rule = (facts) =>
  facts.kernelArgument
    ? {
        code: 'kernel-argument',
        text: 'This computer was told to start with the menu (kernel argument deskvisor.recovery).',
      }
    : null

const nextBoot: Rule = (facts) => facts.nextBoot

const bootKey: Rule = ({ pressed }) =>
  pressed && { code: 'boot-key', text: `${pressed.key} was pressed on ${pressed.device}.` }

/** Nobody can tell which key it was; who holds one while a computer starts wants something. */
const lostKeyboard: Rule = ({ keyboardLost }) =>
  keyboardLost ? { code: 'keyboard-lost', text: 'A key was held while the computer started.' } : null

const noCartridge: Rule = ({ cartridgeProblem }) =>
  cartridgeProblem === null ? null : { code: 'no-cartridge', text: cartridgeProblem }

const failedStarts: Rule = ({ attempts, maxFailedStarts }) => {
  if (attempts === null) {
    return { code: 'failed-starts', text: 'The counter of failed starts (boot/attempts) cannot be read.' }
  }
  if (attempts < maxFailedStarts) return null
  const times = attempts === 1 ? 'once' : `${attempts} times in a row`
  return { code: 'failed-starts', text: `The desktop was started ${times} and never became ready.` }
}

const invalidConfig: Rule = ({ configProblem }) =>
  configProblem === null ? null : { code: 'invalid-config', text: configProblem }
