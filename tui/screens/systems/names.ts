import type { CartridgeInfo } from '../../../orchestrator/api/contract.ts'
import { shortName } from '../../names.ts'
import type { Person, TextQuestion } from '../../person.ts'
import { performAndTell, tell } from '../../questions.ts'
import { titleOf } from '../../system-words.ts'
import { sanitize } from '../../terminal/sanitize.ts'

/** Asks for the name that people see. */
export async function rename(person: Person, system: CartridgeInfo): Promise<void> {
  await askAndKeep(
    person,
    { title: 'Rename', text: ['The name that you want to see:'], value: titleOf(system), longest: 60 },
    (title) => person.api.describeCartridge(system.name, { title }),
    (title) => `It is called ${sanitize(title)} now.`,
  )
}

export async function writeNote(person: Person, system: CartridgeInfo): Promise<void> {
  const text = [`A note for ${titleOf(system)}:`]
  await askAndKeep(
    person,
    { title: 'Note', text, value: sanitize(system.note).trim(), longest: 200, empty: 'removes' },
    (note) => person.api.describeCartridge(system.name, { note }),
    () => 'The note is kept.',
  )
}

/** Asks for the name that folders and commands use; the list that was open shows another one then. */
export async function changeShortName(person: Person, system: CartridgeInfo): Promise<void> {
  const text = ['Its short name:', 'Letters, digits, dots and dashes. Commands and folders use it.']
  const isChanged = await askAndKeep(
    person,
    { title: 'Short name', text, value: sanitize(system.name), longest: 64 },
    (name) => person.api.renameCartridge(system.name, name),
    (name) => `Its short name is ${sanitize(name)} now.`,
  )
  if (isChanged) person.home()
}

/** Asks for the name of a copy and makes it. */
export async function clone(person: Person, system: CartridgeInfo, taken: string[]): Promise<void> {
  const title = titleOf(system)
  const wanted = await person.askText({
    title: 'Make a copy',
    text: [`The name of the copy of ${title}:`],
    value: `${title} (copy)`,
    longest: 60,
  })
  if (wanted === null) return
  const newName = shortName(wanted, taken)
  const ended = await person.follow({
    title: 'Make a copy',
    text: `${title} is copied.`,
    start: () => person.api.cloneCartridge({ cartridge: system.name, newName }),
    stopped: 'There is no copy.',
  })
  if (ended === null) return
  await person.api.describeCartridge(newName, { title: wanted })
  const where = 'It is in the list of operating systems.'
  await tell(person, 'Make a copy', [`${sanitize(wanted)} is there now.`, where])
  person.home()
}

/** Asks for a text, has the machine keep it, and says so. False when the person left. */
async function askAndKeep(
  person: Person,
  question: TextQuestion,
  keep: (text: string) => Promise<void>,
  said: (text: string) => string,
): Promise<boolean> {
  const text = await person.askText(question)
  if (text === null) return false
  await performAndTell(person, question.title, () => keep(text), [said(text)])
  return true
}
