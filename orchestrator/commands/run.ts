import { DeskvisorError, oneLine } from '../host/errors.ts'
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
  const { root, ...asked } = line.input
  expectRoot(root)
  const { machineAt } = await import('../host/machine.ts')
  const command = await line.description.load()
  return (await command({ ...asked, machine: machineAt(root), env, stdout, stderr })) ?? 0
}

async function report(
  thrown: unknown,
  argv: readonly string[],
  { env, stderr }: Surroundings,
): Promise<number> {
  const error = thrown instanceof DeskvisorError ? thrown : await foreseen(thrown)
  if (wantsJson(argv)) {
    const { failureAsJson } = await import('./report.ts')
    stderr.write(failureAsJson(error))
    return error.exitCode
  }
  const stack = env.DESKVISOR_DEBUG && error !== thrown && thrown instanceof Error ? thrown.stack : undefined
  // Names of files and last words of other programs must not steer the terminal.
  const hint = error.hint ? `${oneLine(error.hint)}\n` : ''
  stderr.write(stack ? `deskvisor: ${stack}\n` : `deskvisor: ${oneLine(error.message)}\n${hint}`)
  return error.exitCode
}

/** Loaded only when something was thrown that is no sentence yet. */
async function foreseen(error: unknown): Promise<DeskvisorError> {
  const { asDeskvisorError } = await import('../api/index.ts')
  return asDeskvisorError(error)
}

/** Whether a program reads this: also when the rest of the line is wrong, and there is no command to ask. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json')
}
