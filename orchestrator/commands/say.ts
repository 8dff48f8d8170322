import type { CommandInput } from './description.ts'

/** The result of a command: a sentence for people, or data for programs with --json. */
export function say({ options, stdout }: CommandInput, sentence: string, data: unknown): void {
  stdout.write(options.json === true ? `${JSON.stringify(data ?? null, null, 2)}\n` : `${sentence}\n`)
}
