import t from 'tap'
import { type BootFacts, decideIntent, ordinaryBoot } from '../../../orchestrator/boot/intent.ts'
import type { Reason } from '../../../orchestrator/boot/types.ts'

const usual: BootFacts = { ...ordinaryBoot, maxFailedStarts: 3 }

/** In the order in which they count. */
const causes: { code: Reason['code']; facts: Partial<BootFacts>; text: RegExp; menuIgnores: boolean }[] = [
  {
    code: 'data-unavailable',
    facts: { dataProblem: 'The data partition is not mounted.' },
    text: /not mounted/,
    menuIgnores: false,
  },
  {
    code: 'kernel-argument',
    facts: { kernelArgument: true },
    text: /deskvisor\.recovery/,
    menuIgnores: true,
  },
  {
    code: 'crash-loop',
    facts: { nextBoot: { code: 'crash-loop', text: 'It crashed three times.' } },
    text: /crashed three times/,
    menuIgnores: true,
  },
  {
    code: 'boot-key',
    facts: { pressed: { key: 'F8', device: 'USB Keyboard' } },
    text: /^F8 was pressed on USB Keyboard\.$/,
    menuIgnores: true,
  },
  {
    code: 'keyboard-lost',
    facts: { keyboardLost: true },
    text: /A key was held/,
    menuIgnores: true,
  },
  {
    code: 'no-cartridge',
    facts: { cartridgeProblem: 'No operating system is inserted.' },
    text: /No operating system/,
    menuIgnores: false,
  },
  { code: 'failed-starts', facts: { attempts: 3 }, text: /started 3 times in a row/, menuIgnores: true },
  {
    code: 'invalid-config',
    facts: { configProblem: 'deskvisor.toml line 1: no.' },
    text: /line 1/,
    menuIgnores: false,
  },
]

t.test('an untroubled boot goes to the desktop', async (t) => {
  t.same(decideIntent(usual).intent, 'desktop')
  t.equal(decideIntent(usual).reason.code, 'normal')
})

for (const [index, { code, facts, text, menuIgnores }] of causes.entries()) {
  t.test(`${code} leads to recovery and says so`, async (t) => {
    const { intent, reason } = decideIntent({ ...usual, ...facts })
    t.equal(intent, 'recovery')
    t.equal(reason.code, code)
    t.match(reason.text, text)
  })

  t.test(`${code} counts before everything that follows it`, async (t) => {
    const all = Object.assign({}, usual, ...causes.slice(index).map((cause) => cause.facts))
    t.equal(decideIntent(all).reason.code, code)
  })

  t.test(`"start desktop" in the menu ${menuIgnores ? 'answers' : 'cannot answer'} ${code}`, async (t) => {
    const { intent, reason } = decideIntent({ ...usual, ...facts, desktopRequested: true })
    t.equal(intent, menuIgnores ? 'desktop' : 'recovery')
    t.equal(reason.code, menuIgnores ? 'menu-request' : code)
  })
}

t.test('fewer failed starts than allowed are no reason', async (t) => {
  t.equal(decideIntent({ ...usual, attempts: 2 }).intent, 'desktop')
  t.equal(decideIntent({ ...usual, attempts: 2, maxFailedStarts: 2 }).intent, 'recovery')
})

t.test('a counter that cannot be read leads to recovery', async (t) => {
  t.match(decideIntent({ ...usual, attempts: null }).reason, {
    code: 'failed-starts',
    text: /cannot be read/,
  })
})
