import { parseArgs } from 'node:util'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { nearest } from '../host/nearest.ts'
import { type Asked, type CommandDescription, type CommandGroup, isGroup } from './description.ts'
import { commands } from './table.ts'
import { usageOf } from './usage.ts'

/** A command, and how it is called: `status`, or `cartridge import`. */
export type Named = { name: string; description: CommandDescription }

export type CommandLine =
  | { kind: 'version' }
  | { kind: 'help'; about: Named | CalledGroup | undefined }
  | ({ kind: 'command'; input: Asked } & Named)

/** Understands a command line. Throws DeskvisorError `bad-usage` (exit 2) for anything unknown, beside --help too. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const found = findCommand(wordsOf(argv))
  const named = found && 'description' in found ? found : undefined
  if (!named) refuseUnknown(argv, found as CalledGroup | undefined)
  const { values, positionals } = parse(argv, named ? named.description.options : {}, found?.name)
  const words = positionals.slice(named ? named.name.split(' ').length : 0)
  if (values.help === true) {
    if (named && words.length > (named.description.words ?? []).length) throw wrongWords(named, words)
    return { kind: 'help', about: found }
  }
  if (values.version === true) return { kind: 'version' }
  if (!named) throw missingWord(found as CalledGroup | undefined)
  const { root, help: _, version: __, ...options } = values
  for (const [option, { required }] of Object.entries(named.description.options ?? {})) {
    if (required && options[option] === undefined) throw wrongWords(named, [])
  }
  return {
    kind: 'command',
    ...named,
    input: { root: typeof root === 'string' ? rootOf(root) : '/', words: byName(named, words), options },
  }
}

type CalledGroup = { name: string; group: CommandGroup }
type Options = Readonly<Record<string, { type: 'boolean' | 'string'; short?: string }>>

const global: Options = {
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
}

/** The options of all commands: which words are values of options has to be known before the command is. */
const everyOption: Options = Object.assign(
  {},
  ...Object.values(commands)
    .flatMap((command) => (isGroup(command) ? Object.values(command.verbs) : [command]))
    .map(({ options }) => options),
)

function wordsOf(argv: readonly string[]): string[] {
  const options = typesOf({ ...everyOption, ...global })
  return parseArgs({ args: [...argv], options, allowPositionals: true, strict: false }).positionals
}

function findCommand([word = '', verb = '']: readonly string[]): Named | CalledGroup | undefined {
  const found = Object.entries(commands).find(
    ([name, command]) => name === word || (isGroup(command) && command.alias === word),
  )
  if (!found) return undefined
  const [name, command] = found
  if (!isGroup(command)) return { name, description: command }
  const description = Object.hasOwn(command.verbs, verb) ? command.verbs[verb] : undefined
  return description ? { name: `${name} ${verb}`, description } : { name, group: command }
}

/** There is no help about a word that nobody knows. An option that no command has is told first. */
function refuseUnknown(argv: readonly string[], found: CalledGroup | undefined): void {
  const { positionals } = parse(argv, everyOption, found?.name)
  const word = positionals[found ? 1 : 0]
  if (word === undefined) return
  if (!found) throw usageError(unknownWord(word, 'command', commands))
  throw usageError(unknownWord(word, `part of deskvisor ${found.name}`, found.group.verbs), found.name)
}

function parse(argv: readonly string[], own: Options | undefined, name: string | undefined) {
  const options = typesOf({ ...own, ...global })
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node explains how to write a positional that looks like an option; the first sentence is enough.
    const [sentence = ''] = sentenceOf(error).split(/\. |\n/)
    const unknown = /^Unknown option '--(.+)'/.exec(sentence)?.[1]
    const meant = unknown && nearest(unknown, Object.keys(options))
    throw usageError(
      meant ? `${sentence}; did you mean --${meant}?` : `${sentence.replace(/\.$/, '')}.`,
      name,
    )
  }
}

/** What parseArgs takes of them. */
function typesOf(options: Options) {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [name, { type, ...(short ? { short } : {}) }]),
  )
}

/** Words that may be left out are left out from the front, when there are too few for all. */
function byName(named: Named, given: readonly string[]): Asked['words'] {
  const wanted = named.description.words ?? []
  let spare = given.length - wanted.filter(({ optional }) => !optional).length
  if (spare < 0 || given.length > wanted.length) throw wrongWords(named, given)
  const left = [...given]
  const filled = wanted.flatMap(({ name, optional }): [string, string | undefined][] => {
    if (optional && spare-- <= 0) return []
    return [[name, left.shift()]]
  })
  return Object.fromEntries(filled)
}

function wrongWords({ name, description }: Named, words: readonly string[]): DeskvisorError {
  const usage = usageOf(description)
  const expected = usage ? `expected ${usage}` : 'expected nothing'
  const shown = words.map((word) => JSON.stringify(word)).join(' ')
  return usageError(
    words.length ? `${shown} does not fit; ${expected}.` : `Something is missing; ${expected}.`,
    name,
  )
}

function missingWord(found: CalledGroup | undefined): DeskvisorError {
  if (!found) return usageError('A command is missing.')
  const verbs = Object.keys(found.group.verbs).join(', ')
  return usageError(`Something is missing; expected one of ${verbs}.`, found.name)
}

function unknownWord(word: string, what: string, known: object): string {
  const meant = nearest(word, Object.keys(known))
  const article = what === 'command' ? 'a ' : ''
  return `${JSON.stringify(word)} is not ${article}${what}${meant ? `; did you mean ${meant}?` : '.'}`
}

function rootOf(folder: string): string {
  if (folder === '') throw usageError('--root needs a folder.')
  return folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`
}

/** Wrong input: exit status 2 and where to read more. */
export function usageError(message: string, command?: string): DeskvisorError {
  return new DeskvisorError('bad-usage', message, {
    next: {
      do: 'run',
      text: '{command} says more.',
      command: `deskvisor ${command ? `${command} ` : ''}--help`,
    },
  })
}
