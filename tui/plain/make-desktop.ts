import type { Api, CartridgeInfo } from '../../orchestrator/api/index.ts'
import { titleOf } from '../system-words.ts'
import { type Conversation, confirmed, forced } from './talk.ts'

/** Makes an operating system the desktop. One that runs goes on, unless it shall be restarted with this one at once. */
export async function makeDesktop(
  talk: Conversation,
  api: Api,
  system: CartridgeInfo,
  all: CartridgeInfo[],
): Promise<void> {
  const title = titleOf(system)
  await api.insert(system.name)
  talk.say(`${title} is the desktop from the next start on.`)
  if (!all.some(({ running, name }) => running && name !== system.name)) return
  const question = `Shut down what runs now, and start ${title} at once? Save what is open in it first.`
  if (!(await confirmed(talk, question))) return
  if (await forced(talk, api, (force) => api.switchTo(system.name, { force })))
    talk.say(`${title} is starting.`)
}
