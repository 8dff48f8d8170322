import type { CartridgeInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { shortName } from '../names.ts'
import { titleOf } from '../system-words.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { View } from '../view.ts'
import { AskTextView, type TextQuestion } from './ask-text.ts'
import { messageView } from './confirm.ts'
import { JobView } from './job.ts'
import { perform } from './perform.ts'

/** Asks for the name that people see. */
export function renameView(system: CartridgeInfo, desk: Desk): View {
  return askAndTell(
    { title: 'Rename', text: ['The name that you want to see:'], value: titleOf(system), longest: 60 },
    (title) => desk.api.describeCartridge(system.name, { title }),
    (title) => `It is called ${sanitize(title)} now.`,
    desk,
  )
}

export function noteView(system: CartridgeInfo, desk: Desk): View {
  const text = [`A note for ${titleOf(system)}:`]
  return askAndTell(
    { title: 'Note', text, value: sanitize(system.note).trim(), longest: 200, mayBeEmpty: true },
    (note) => desk.api.describeCartridge(system.name, { note }),
    () => 'The note is kept.',
    desk,
  )
}

/** Asks for the name that folders and commands use; the list that was open shows another one then. */
export function shortNameView(system: CartridgeInfo, desk: Desk): View {
  const text = ['Its short name:', 'Letters, digits, dots and dashes. Commands and folders use it.']
  return askAndTell(
    { title: 'Short name', text, value: sanitize(system.name), longest: 64 },
    (name) => desk.api.renameCartridge(system.name, name),
    (name) => `Its short name is ${sanitize(name)} now.`,
    desk,
    () => desk.home(),
  )
}

/** Asks for the name of a copy and makes it. */
export function cloneView(system: CartridgeInfo, taken: string[], desk: Desk): View {
  const title = titleOf(system)
  const view: View = new AskTextView(
    {
      title: 'Make a copy',
      text: [`The name of the copy of ${title}:`],
      value: `${title} (copy)`,
      longest: 60,
      onDone: (wanted) => {
        const newName = shortName(wanted, taken)
        const work = {
          title: 'Make a copy',
          text: `${title} is copied.`,
          start: () => desk.api.cloneCartridge({ cartridge: system.name, newName }),
          done: async () => {
            await desk.api.describeCartridge(newName, { title: wanted })
            const text = [`${sanitize(wanted)} is there now.`, 'It is in the list of operating systems.']
            return messageView({ title: 'Make a copy', text, act: () => desk.home() }, desk)
          },
          stopped: 'There is no copy.',
        }
        desk.replace(view, new JobView(work, desk))
      },
    },
    desk,
  )
  return view
}

/** Asks for a text, has the machine keep it, and says so. */
function askAndTell(
  question: Omit<TextQuestion, 'onDone'>,
  keep: (text: string) => Promise<void>,
  said: (text: string) => string,
  desk: Desk,
  leave?: () => void,
): View {
  const { title } = question
  const view: View = new AskTextView(
    {
      ...question,
      onDone: (text) =>
        perform(desk, view, {
          title,
          act: () => keep(text),
          done: () =>
            messageView({ title, text: [said(text)], ...(leave === undefined ? {} : { act: leave }) }, desk),
        }),
    },
    desk,
  )
  return view
}
