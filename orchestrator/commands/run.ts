import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import type { Surroundings } from './description.ts'

/**
 * argv → command. Resolves to the exit status; what went wrong is told on standard error. Only the command that was
 * asked for is loaded. Signals, standard input and the disk that `export -` writes are the process's own.
 */
export function runCommandLine(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  return carryOut(argv, surroundings).catch((error: unknown) => report(error, argv, surroundings))
}

async function carryOut(argv: readonly string[], { env, stdout, stderr }: Surroundings): Promise<number> {
  const { parseCommandLine } = await import('./command-line.ts')
  const line = parseCommandLine(argv)
  if (line.kind === 'version') {
    const { version } = await import('../host/version.ts')
    stdout.write(`deskvisor ${version}\n`)
    return 0
  }
  if (line.kind === 'help') {
    const { helpText } = await import('./help.ts')
    stdout.write(helpText(line.about))
    return 0
  }
  const { expectRoot } = await import('./expect-root.ts')
  expectRoot(line.input.root)
  const command = await line.description.load()
  return (await command({ ...line.input, env, stdout, stderr })) ?? 0
}

async function report(
  error: unknown,
  argv: readonly string[],
  { env, stderr }: Surroundings,
): Promise<number> {
  if (wantsJson(argv)) {
    const { failureAsJson } = await import('./report.ts')
    stderr.write(failureAsJson(error))
    return error instanceof DeskvisorError ? error.exitCode : 1
  }
  if (error instanceof DeskvisorError) {
    // Names of files and last words of other programs must not steer the terminal.
    stderr.write(`deskvisor: ${oneLine(error.message)}\n${error.hint ? `${oneLine(error.hint)}\n` : ''}`)
    return error.exitCode
  }
  const stack = env.DESKVISOR_DEBUG && error instanceof Error ? error.stack : undefined
  stderr.write(`deskvisor: ${stack ?? oneLine(sentenceOf(error))}\n`)
  return 1
}

/** Whether a program reads this: also when the rest of the line is wrong, and there is no command to ask. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json')
}
