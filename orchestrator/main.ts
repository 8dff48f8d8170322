import { DeskvisorError, oneLine, sentenceOf } from './host/errors.ts'

/** argv → command. Only the command that was asked for is loaded. */
async function main(argv: readonly string[]): Promise<number> {
  const { parseCommandLine } = await import('./commands/command-line.ts')
  const line = parseCommandLine(argv)
  if (line.kind === 'version') {
    const { version } = await import('./host/version.ts')
    process.stdout.write(`deskvisor ${version}\n`)
    return 0
  }
  if (line.kind === 'help') {
    const { helpText } = await import('./commands/help.ts')
    process.stdout.write(helpText(line.about))
    return 0
  }
  const { expectRoot } = await import('./commands/expect-root.ts')
  expectRoot(line.input.root)
  const command = await line.description.load()
  return (await command(line.input)) ?? 0
}

async function report(error: unknown, argv: readonly string[]): Promise<number> {
  if (wantsJson(argv)) {
    const { failureAsJson } = await import('./commands/report.ts')
    process.stderr.write(failureAsJson(error))
    return error instanceof DeskvisorError ? error.exitCode : 1
  }
  if (error instanceof DeskvisorError) {
    // Names of files and last words of other programs must not steer the terminal.
    process.stderr.write(
      `deskvisor: ${oneLine(error.message)}\n${error.hint ? `${oneLine(error.hint)}\n` : ''}`,
    )
    return error.exitCode
  }
  const stack = process.env.DESKVISOR_DEBUG && error instanceof Error ? error.stack : undefined
  process.stderr.write(`deskvisor: ${stack ?? oneLine(sentenceOf(error))}\n`)
  return 1
}

/** Whether a program reads this: also when the rest of the line is wrong, and there is no command to ask. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? argv.length : end).includes('--json')
}

// What is kept in the store is opened by QEMU's user; who starts this program must not change who may.
process.umask(0o022)

// A reader that went away (`deskvisor status | head -1`) is no error.
process.stdout.on('error', () => process.exit(0))

const argv = process.argv.slice(2)
main(argv)
  .catch((error: unknown) => report(error, argv))
  .then((status) => {
    process.exitCode = status
  })
