import type { Machine } from '../host/machine.ts'

/** What a command line says: the tree to work on, the words after the command's name by what they are called, and its options. */
export type Asked = {
  root: string
  words: Readonly<Record<string, string | undefined>>
  options: Readonly<Record<string, string | boolean | undefined>>
}

/** Where the answer goes, and what the caller's environment says: those of the process, unless a test calls. */
export type Surroundings = {
  env: Readonly<Record<string, string | undefined>>
  stdout: Output
  stderr: Output
}

type Output = { write(text: string): unknown; isTTY?: boolean; columns?: number }

export type CommandInput = Omit<Asked, 'root'> & Surroundings & { machine: Machine }

/** Does a command; what it gives is the exit status, 0 when it gives nothing. */
export type Command = (input: CommandInput) => Promise<number | undefined>

/** What completion offers for a word: names that the program looks up, files, or one of a few. */
export type Completed = 'cartridges' | 'snapshots' | 'trash' | 'files' | readonly string[]

export type Word = {
  /** As the usage line writes it, for example `SNAPSHOT`. */
  name: string
  optional?: true
  completed?: Completed
  /** Words that completion offers beside those. */
  also?: readonly string[]
}

export type Option = {
  type: 'boolean' | 'string'
  text: string
  /** What the usage line writes for the value of a string. */
  value?: string
  required?: true
  completed?: Completed
}

export type CommandDescription = {
  summary: string
  words?: readonly Word[]
  options?: Readonly<Record<string, Option>>
  examples: readonly string[]
  /** Not shown in help: for programs, not for people. */
  hidden?: true
  load: () => Promise<Command>
}

/** A command whose first word says what is done. */
export type CommandGroup = {
  summary: string
  /** Understood in place of its name. */
  alias?: string
  verbs: Readonly<Record<string, CommandDescription>>
}

export type CommandTable = Readonly<Record<string, CommandDescription | CommandGroup>>

export function isGroup(command: CommandDescription | CommandGroup): command is CommandGroup {
  return 'verbs' in command
}

// Words and options that several commands share.

export const json: Option = { type: 'boolean', text: 'Print JSON' }
export const cartridge: Word = { name: 'CARTRIDGE', completed: 'cartridges' }
/** Without it, the inserted one is meant. */
export const anyCartridge: Word = { ...cartridge, optional: true }
/** Its name, the beginning of it, or `latest`; choose.ts. */
export const snapshot: Word = { name: 'SNAPSHOT', completed: 'snapshots' }
export const newName: Word = { name: 'NEW-NAME' }
export const title: Option = { type: 'string', text: 'What people call it, if not its name' }
export const ofSnapshot: Option = {
  type: 'string',
  text: 'Not the present but this moment',
  completed: 'snapshots',
}
export const force: Option = {
  type: 'boolean',
  text: 'Switch a running desktop off when it does not shut down within three minutes',
}
