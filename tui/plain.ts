import { createInterface } from 'node:readline'
import { type RecoveryApi, sentenceOf } from '../orchestrator/api/contract.ts'
import { deviceSentences } from './screens/devices.ts'
import { hintOf } from './screens/error.ts'
import { HOME_ITEMS, type HomeAction, type HomeState } from './screens/home.ts'
import { sanitize, toAscii } from './terminal/sanitize.ts'
import { runShell } from './terminal/shell.ts'
import { factsOf, reasonOf } from './words.ts'

const LOG_LINES = 100

type PlainMenu = { root: string; api: RecoveryApi }
type Conversation = {
  say(...lines: string[]): void
  ask(question: string): Promise<string | null>
  pause(): void
}

/** The menu as questions and answers on lines of text, for terminals that can do nothing else. Ends with the input. */
export async function runPlainMenu({ root, api }: PlainMenu): Promise<void> {
  const talk = conversation()
  for (;;) {
    const state = await stateOf(api)
    talk.say('', 'Deskvisor recovery', '', ...describe(state), '')
    talk.say(...HOME_ITEMS.map((item, index) => `  ${index + 1}  ${item.label}`), '  ?  Help', '')
    const answer = await talk.ask('Type a number and press Enter: ')
    if (answer === null) return
    const item = HOME_ITEMS[Number(answer) - 1]
    if (answer === '?') talk.say(...HOME_ITEMS.map((each, index) => `  ${index + 1}  ${each.does(state)}`))
    else if (item !== undefined) await attempt(talk, () => ACTIONS[item.action](talk, api, root))
    else if (answer !== '') talk.say(`"${sanitize(answer)}" is not on the list.`)
  }
}

const ACTIONS: Record<HomeAction, (talk: Conversation, api: RecoveryApi, root: string) => Promise<void>> = {
  async desktop(talk, api) {
    talk.say('Starting the desktop...')
    await api.startDesktop()
  },
  async logs(talk, api) {
    talk.say(...(await api.logs(LOG_LINES)).map((text) => sanitize(text)))
  },
  async devices(talk, api) {
    talk.say(...deviceSentences(await api.status()))
  },
  async shell(talk, _, root) {
    talk.say('Command line. To come back to the menu, type: exit')
    talk.pause()
    await runShell(root)
  },
  async restart(talk, api) {
    if (!(await confirmed(talk, 'Restart the computer?'))) return
    await api.restart()
    talk.say('The computer restarts...')
  },
  async poweroff(talk, api) {
    if (!(await confirmed(talk, 'Switch the computer off?'))) return
    await api.powerOff()
    talk.say('The computer switches off...')
  },
}

async function confirmed(talk: Conversation, question: string): Promise<boolean> {
  const answer = await talk.ask(`${question} Type yes to do it, or just press Enter to go back: `)
  return answer?.toLowerCase() === 'yes'
}

async function attempt(talk: Conversation, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    talk.say(sanitize(sentenceOf(error)), hintOf(error))
  }
}

async function stateOf(api: RecoveryApi): Promise<HomeState> {
  try {
    return { status: await api.status(), problem: null }
  } catch (error) {
    return {
      status: null,
      problem: sanitize(`The state of this computer cannot be read: ${sentenceOf(error)}`),
    }
  }
}

function describe({ status, problem }: HomeState): string[] {
  if (status === null) return [problem ?? '']
  return [reasonOf(status), '', ...factsOf(status).map(([name, value]) => `${name}: ${value}`)]
}

// Lines are queued, so that answers which arrive together (a pipe) are not lost between two questions.
function conversation(): Conversation {
  const waiting: ((line: string | null) => void)[] = []
  const lines: string[] = []
  let ended = false
  const input = createInterface({ input: process.stdin, terminal: false })
  input.on('line', (text) => {
    const next = waiting.shift()
    if (next === undefined) lines.push(text.trim())
    else next(text.trim())
  })
  input.on('close', () => {
    ended = true
    for (const next of waiting.splice(0)) next(null)
  })
  return {
    say: (...texts) => void process.stdout.write(texts.map((text) => `${toAscii(text)}\n`).join('')),
    ask: (question) => {
      process.stdout.write(question)
      const line = lines.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.resolve(null)
      input.resume()
      return new Promise((resolve) => {
        waiting.push(resolve)
      })
    },
    pause: () => void input.pause(),
  }
}
