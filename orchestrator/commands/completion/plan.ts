import { type CommandDescription, type Completed, isGroup } from '../description.ts'
import { commands } from '../table.ts'

export type Choice = { name: string; summary: string }

/** What may stand at one place after a command's name, counted from 0. */
export type Place = { position: number; offers: Completed[] }

export type PlannedOption = { name: string; text: string; value: boolean; completed: Completed }

export type PlannedCommand = { key: string; options: PlannedOption[]; places: Place[] }

/** Options of every command, and of none. */
export const everywhere: PlannedOption[] = [
  { name: '--root', text: 'Work on the tree below a folder', value: true, completed: 'files' },
  { name: '--help', text: 'Show help', value: false, completed: [] },
]

/** The first words, and what may come after them, from the table of commands. */
export function firstWords(): { name: string; summary: string; verbs: Choice[] }[] {
  return Object.entries(commands).flatMap(([name, command]) => {
    if (isGroup(command)) {
      const verbs = Object.entries(command.verbs).map(([verb, { summary }]) => ({ name: verb, summary }))
      return [{ name, summary: command.summary, verbs }]
    }
    return command.hidden ? [] : [{ name, summary: command.summary, verbs: [] }]
  })
}

/** Every command that a shell can complete, by how it is called. */
export function plannedCommands(): PlannedCommand[] {
  return Object.entries(commands).flatMap(([name, command]) => {
    if (!isGroup(command)) return command.hidden ? [] : [planned(name, command)]
    return Object.entries(command.verbs).map(([verb, description]) => planned(`${name} ${verb}`, description))
  })
}

/** Options after which a value comes, of any command. */
export function valueOptions(): PlannedOption[] {
  const all = [...everywhere, ...plannedCommands().flatMap(({ options }) => options)]
  const byName = new Map(all.filter(({ value }) => value).map((option) => [option.name, option]))
  return [...byName.values()]
}

function planned(key: string, { words = [], options = {} }: CommandDescription): PlannedCommand {
  const own = Object.entries(options).map(([name, { type, text, completed }]) => ({
    name: `--${name}`,
    text,
    value: type === 'string',
    completed: completed ?? [],
  }))
  const places = words.map((_, position) => ({ position, offers: offersAt(words, position) }))
  return { key, options: [...own, ...everywhere], places: places.filter(({ offers }) => offers.length > 0) }
}

/** A word that may be left out makes room for the one after it. */
function offersAt(words: NonNullable<CommandDescription['words']>, position: number): Completed[] {
  const skipped = words.slice(0, position + 1).filter(({ optional }) => optional).length
  const possible = words.slice(position, position + skipped + 1)
  return possible.flatMap(({ completed, also }) => [
    ...(completed ? [completed] : []),
    ...(also ? [also] : []),
  ])
}
