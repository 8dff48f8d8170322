import type { CommandLine } from './command-line.ts'
import { type CommandDescription, type CommandGroup, isGroup } from './description.ts'
import { commands } from './table.ts'
import { usageOf, writtenOption } from './usage.ts'

/** Help for one command, for a group of them, or for all. */
export function helpText(about: (CommandLine & { kind: 'help' })['about']): string {
  if (!about) return allCommands()
  return 'group' in about ? oneGroup(about.name, about.group) : oneCommand(about.name, about.description)
}

const globalOptions: readonly [string, string][] = [
  ['--root DIR', 'Work on the tree below DIR instead of this machine'],
  ['--help', 'Show this'],
]

function allCommands(): string {
  const shown = Object.entries(commands).filter(([, command]) => isGroup(command) || !command.hidden)
  return `Deskvisor makes a PC a desktop appliance, with a way back when the desktop breaks.

Usage: deskvisor COMMAND [options]

Commands:
${rows(shown.map(([name, { summary }]) => [name, summary]))}
Options:
${rows([...globalOptions, ['--version', 'Show the version']])}
deskvisor COMMAND --help shows examples.
`
}

function oneGroup(name: string, { summary, alias, verbs }: CommandGroup): string {
  const examples = Object.values(verbs).flatMap(({ examples }) => examples.slice(0, 1))
  return `${summary}.

Usage: deskvisor ${name} COMMAND [options]${alias ? `; ${alias} means the same` : ''}

Commands:
${rows(Object.entries(verbs).map(([verb, { summary }]) => [verb, summary]))}
Options:
${rows(globalOptions)}
Examples:
${lines(examples)}`
}

function oneCommand(name: string, description: CommandDescription): string {
  const { summary, words = [], options = {}, examples } = description
  const own = Object.entries(options).map(([option, of]): [string, string] => [
    writtenOption(option, of),
    of.text,
  ])
  const explained = words.flatMap(({ name, optional }): [string, string][] => {
    const text = wordTexts[name]
    return text === undefined
      ? []
      : [[name, optional && name === 'CARTRIDGE' ? `${text}; the inserted one if left out` : text]]
  })
  return `${summary}.

Usage: ${`deskvisor ${name} ${usageOf(description)}`.trim()}

${explained.length > 0 ? `Words:\n${rows(explained)}\n` : ''}Options:
${rows([...own, ...globalOptions])}
Examples:
${lines(examples)}`
}

/** What the words of the usage lines mean, where that is not plain. */
export const wordTexts: Readonly<Record<string, string>> = {
  CARTRIDGE: 'Name of an operating system',
  SNAPSHOT:
    'Name of a moment, the beginning of one that fits only one, or latest, the newest not made by going back',
  SIZE: 'A number with K, M, G or T, for example 64G',
  'ON-OR-OFF': 'on or off',
  ENTRY: 'An entry of the trash, as deskvisor cartridge trash lists it',
}

function rows(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(16, ...pairs.map(([left]) => left.length))
  return lines(pairs.map(([left, right]) => `${left.padEnd(width)} ${right}`))
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `  ${text}\n`).join('')
}
