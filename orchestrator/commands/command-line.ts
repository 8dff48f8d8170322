import { parseArgs } from 'node:util'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import { nearest } from '../host/nearest.ts'
import { type CommandDescription, type CommandInput, type CommandName, commands, isCommand } from './table.ts'

export type CommandLine =
  | { kind: 'version' }
  | { kind: 'help'; command: CommandName | undefined }
  | { kind: 'command'; command: CommandName; input: CommandInput }

/** Understands a command line. Throws DeskvisorError `bad-usage` (exit 2) for anything unknown. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const command = findCommand(argv)
  const description: CommandDescription | undefined = command && commands[command]
  const { values, positionals } = parse(argv, description)
  const [, ...words] = positionals
  if (values.help === true) return { kind: 'help', command }
  if (values.version === true) return { kind: 'version' }
  if (!command || !description) {
    throw usageError(positionals[0] === undefined ? 'A command is missing.' : unknownCommand(positionals[0]))
  }
  if (positionals[0] !== command) throw usageError(unknownCommand(positionals[0] ?? ''))
  if (!description.words.some((form) => fits(form, words)))
    throw usageError(wrongWords(description, words), command)
  const { root, help: _, version: __, ...options } = values
  return {
    kind: 'command',
    command,
    input: { root: typeof root === 'string' ? rootOf(root) : '/', words, options },
  }
}

const global = {
  root: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** The first word that is not an option or the value of --root. */
function findCommand(argv: readonly string[]): CommandName | undefined {
  const word = argv.find((value, index) => !value.startsWith('-') && argv[index - 1] !== '--root')
  return word !== undefined && isCommand(word) ? word : undefined
}

function parse(argv: readonly string[], description: CommandDescription | undefined) {
  try {
    const options = { ...global, ...description?.options }
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node explains how to write a positional that looks like an option; the first sentence is enough.
    throw usageError(
      `${sentenceOf(error)
        .split(/\. |\n/)[0]
        ?.replace(/\.$/, '')}.`,
    )
  }
}

function fits(form: readonly string[], words: readonly string[]): boolean {
  return form.length === words.length && form.every((word, index) => word === '*' || word === words[index])
}

function wrongWords(description: CommandDescription, words: readonly string[]): string {
  const accepted = description.usage ? `expected ${description.usage}` : 'expected nothing'
  return words.length
    ? `${words.map((word) => JSON.stringify(word)).join(' ')} does not fit; ${accepted}.`
    : `Something is missing; ${accepted}.`
}

function unknownCommand(word: string): string {
  const meant = nearest(word, Object.keys(commands))
  return `${JSON.stringify(word)} is not a command${meant ? `; did you mean ${meant}?` : '.'}`
}

function rootOf(folder: string): string {
  if (folder === '') throw usageError('--root needs a folder.')
  return folder.startsWith('/') ? folder : `${process.cwd()}/${folder}`
}

/** Wrong input: exit status 2 and where to read more. */
export function usageError(message: string, command?: CommandName): DeskvisorError {
  const hint = `deskvisor ${command ? `${command} ` : ''}--help says more.`
  return new DeskvisorError('bad-usage', message, { hint, exitCode: 2 })
}
