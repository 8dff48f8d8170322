import { createInterface } from 'node:readline'
import type { Api } from '../../orchestrator/api/index.ts'
import { DeskvisorError, errorOf, type JobInfo } from '../../orchestrator/api/index.ts'
import { hintOf } from '../hints.ts'
import { spoken, spokenError } from '../spoken.ts'
import type { Input, Output } from '../terminal/device.ts'
import { toAscii } from '../terminal/sanitize.ts'

/** Questions and answers on lines of text. */
export type Conversation = {
  say(...lines: string[]): void
  /** The next line without spaces around it, or null at the end of input. */
  ask(question: string): Promise<string | null>
  /** Calls `heard` for lines that arrive while `work` is under way; those it does not take answer later questions. */
  listen<T>(work: Promise<T>, heard: (line: string) => boolean): Promise<T>
  pause(): void
}

/** Asks before something happens; anything but "yes" means no. */
export async function confirmed(talk: Conversation, question: string): Promise<boolean> {
  const answer = await talk.ask(`${question} Type yes to do it, or just press Enter to go back: `)
  return answer?.toLowerCase() === 'yes'
}

/** Does something and says what went wrong if it does. */
export async function attempt(talk: Conversation, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    talk.say(spokenError(error), hintOf(error))
  }
}

/** Says how long work goes, until it ended. Throws a DeskvisorError when it failed; null when it was stopped. */
export async function follow(talk: Conversation, api: Api, accepted: JobInfo): Promise<JobInfo | null> {
  talk.say('To stop it, type stop and press Enter.')
  let said = ''
  const onChange = ({ text, moment, progress }: JobInfo) => {
    const share = progress === null ? '' : ` (${Math.floor(progress * 10)}0 %)`
    const now = `${spoken(text, moment)}${share}`
    if (now !== said) talk.say(now)
    said = now
  }
  const job = await talk.listen(api.followJob(accepted.id, onChange), (line) => {
    if (line.toLowerCase() !== 'stop') return false
    void api.cancelJob(accepted.id).catch((error) => talk.say(spokenError(error)))
    return true
  })
  if (job.state === 'failed') {
    throw errorOf(job.error)
  }
  if (job.state !== 'cancelled') return job
  talk.say('Stopped.')
  return null
}

/** Work that a running desktop is shut down for: when it does not end, asks whether to switch it off. False when it was not done. */
export async function forced(
  talk: Conversation,
  api: Api,
  start: (force: boolean) => Promise<JobInfo>,
): Promise<boolean> {
  try {
    return (await follow(talk, api, await start(false))) !== null
  } catch (error) {
    if (!(error instanceof DeskvisorError) || error.code !== 'guest-does-not-end') throw error
  }
  const question = 'The desktop does not shut down. Switch it off hard? Work not saved in it is lost.'
  return (await confirmed(talk, question)) && (await follow(talk, api, await start(true))) !== null
}

/** A conversation on a terminal, or on anything else that gives and takes lines. Lines that arrive together (a pipe) are not lost between questions. */
export function conversation(source: Input, output: Output): Conversation {
  const waiting: ((line: string | null) => void)[] = []
  const lines: string[] = []
  let ended = false
  let hear = (_line: string): boolean => false
  const input = createInterface({ input: source, terminal: false })
  input.on('line', (text) => {
    const line = text.trim()
    if (hear(line)) return
    const next = waiting.shift()
    if (next === undefined) lines.push(line)
    else next(line)
  })
  input.on('close', () => {
    ended = true
    for (const next of waiting.splice(0)) next(null)
  })
  return {
    say: (...texts) => void output.write(texts.map((text) => `${toAscii(text)}\n`).join('')),
    ask: (question) => {
      output.write(toAscii(question))
      const line = lines.shift()
      if (line !== undefined) return Promise.resolve(line)
      if (ended) return Promise.resolve(null)
      input.resume()
      return new Promise((resolve) => {
        waiting.push(resolve)
      })
    },
    listen: async (work, heard) => {
      hear = heard
      try {
        return await work
      } finally {
        hear = () => false
      }
    },
    pause: () => void input.pause(),
  }
}
