import type { Api, JobInfo } from '../orchestrator/api/index.ts'
import { lookAt, runningJobs } from './machine-state.ts'
import { talkAboutMoments } from './plain/moments.ts'
import { talkAboutSystems } from './plain/systems.ts'
import { attempt, type Conversation, confirmed, conversation, follow } from './plain/talk.ts'
import { decide } from './plain/trying.ts'
import { deviceSentences } from './screens/devices.ts'
import { HOME_ITEMS, type HomeAction, type HomeState, homeItems } from './screens/home-items.ts'
import { spoken } from './spoken.ts'
import { insertedSubject } from './system-words.ts'
import type { Input, Output } from './terminal/device.ts'
import { sanitize } from './terminal/sanitize.ts'
import { runShell } from './terminal/shell.ts'
import { factsOf, reasonOf } from './words.ts'

const LOG_LINES = 100

type PlainMenu = { root: string; api: Api; input: Input; output: Output }

/** The menu as questions and answers on lines of text, for terminals that can do nothing else. Ends with the input. */
export async function runPlainMenu({ root, api, input, output }: PlainMenu): Promise<void> {
  const talk = conversation(input, output)
  await attempt(talk, () => askAboutTry(talk, api))
  for (;;) {
    const state = { ...(await lookAt(api)), jobs: await runningJobs(api) }
    talk.say('', 'Deskvisor recovery', '', ...describe(state), '')
    const items = homeItems(state)
    talk.say(...items.map((item, index) => `  ${index + 1}  ${item.label}`), '  ?  Help', '')
    const answer = await talk.ask('Type a number and press Enter: ')
    if (answer === null) return
    const item = HOME_ITEMS[Number(answer) - 1]
    const job = state.jobs[Number(answer) - 1 - HOME_ITEMS.length]
    if (answer === '?') talk.say(...items.map((each, index) => `  ${index + 1}  ${each.does(state)}`))
    else if (item !== undefined) await attempt(talk, () => ACTIONS[item.action](talk, api, root))
    else if (job !== undefined) await attempt(talk, () => followToEnd(talk, api, job))
    else if (answer !== '') talk.say(`"${sanitize(answer)}" is not on the list.`)
  }
}

const ACTIONS: Record<HomeAction, (talk: Conversation, api: Api, root: string) => Promise<void>> = {
  async desktop(talk, api) {
    talk.say('Starting the desktop...')
    await api.startDesktop()
  },
  async moments(talk, api) {
    const subject = insertedSubject(await api.status())
    if (subject === null) talk.say('There is no operating system to go back in yet.')
    else await talkAboutMoments(talk, api, subject)
  },
  systems: (talk, api) => talkAboutSystems(talk, api),
  async logs(talk, api) {
    talk.say(...(await api.logs(LOG_LINES)).map((text) => sanitize(text)))
  },
  async devices(talk, api) {
    talk.say(...deviceSentences(await api.status()))
  },
  async shell(talk, _, root) {
    talk.pause()
    await runShell(root, (text) => talk.say(text))
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

async function followToEnd(talk: Conversation, api: Api, job: JobInfo): Promise<void> {
  talk.say(`${spoken(job.title, job.moment)}.`)
  if ((await follow(talk, api, job)) !== null) talk.say('It is done.')
}

/** A moment that was tried waits for a decision; where nobody can tell, the menu works without. */
async function askAboutTry(talk: Conversation, api: Api): Promise<void> {
  const subject = insertedSubject((await lookAt(api)).status)
  if (subject === null || subject.running) return
  const timeline = await api.timeline(subject.name).catch(() => null)
  if (timeline?.trying && timeline.trying.phase !== 'armed') await decide(talk, api, subject, timeline)
}

function describe({ status, problem }: HomeState): string[] {
  if (status === null) return [problem ?? '']
  return [reasonOf(status), '', ...factsOf(status).map(([name, value]) => `${name}: ${value}`)]
}
