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
  | { kind: 'help'; about: Named | { name: string; group: CommandGroup } | undefined }
  | ({ kind: 'command'; input: Asked } & Named)

/** Understands a command line. Throws DeskvisorError `bad-usage` (exit 2) for anything unknown. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const found = findCommand(argv)
  const named = found && 'description' in found ? found : undefined
  const { values, positionals } = parse(argv, named)
  if (values.help === true) return { kind: 'help', about: found }
  if (values.version === true) return { kind: 'version' }
  if (!found) {
    const [word] = positionals
    throw usageError(word === undefined ? 'A command is missing.' : unknownWord(word, 'command', commands))
  }
  if (!named) throw wrongVerb(found as { name: string; group: CommandGroup }, positionals[1])
  const words = positionals.slice(named.name.split(' ').length)
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

const global = {
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** By the first words that are not options or the value of --root. */
function findCommand(argv: readonly string[]): Named | { name: string; group: CommandGroup } | undefined {
  const [word = '', verb = ''] = argv.filter(
    (given, index) => !given.startsWith('-') && argv[index - 1] !== '--root',
  )
  const found = Object.entries(commands).find(
    ([name, command]) => name === word || (isGroup(command) && command.alias === word),
  )
  if (!found) return undefined
  const [name, command] = found
  if (!isGroup(command)) return { name, description: command }
  const description = Object.hasOwn(command.verbs, verb) ? command.verbs[verb] : undefined
  return description ? { name: `${name} ${verb}`, description } : { name, group: command }
}

function parse(argv: readonly string[], named: Named | undefined) {
  try {
    const own = Object.entries(named?.description.options ?? {}).map(([name, { type }]) => [name, { type }])
    const options: Record<string, { type: 'boolean' | 'string' }> = { ...Object.fromEntries(own), ...global }
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node explains how to write a positional that looks like an option; the first sentence is enough.
    const [sentence = ''] = sentenceOf(error).split(/\. |\n/)
    throw usageError(`${sentence.replace(/\.$/, '')}.`, named?.name)
  }
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

function wrongVerb({ name, group }: { name: string; group: CommandGroup }, word: string | undefined) {
  const verbs = Object.keys(group.verbs).join(', ')
  if (word === undefined) return usageError(`Something is missing; expected one of ${verbs}.`, name)
  return usageError(unknownWord(word, `part of deskvisor ${name}`, group.verbs), name)
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
  const hint = `deskvisor ${command ? `${command} ` : ''}--help says more.`
  return new DeskvisorError('bad-usage', message, { hint, exitCode: 2 })
}
