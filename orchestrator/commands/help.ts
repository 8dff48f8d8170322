import { type CommandDescription, type CommandName, commands } from './table.ts'

/** Help for one command, or for all. */
export function helpText(command: CommandName | undefined): string {
  return command ? oneCommand(command, commands[command]) : allCommands()
}

const globalOptions =
  row('--root DIR', 'Work on the tree below DIR instead of this machine') + row('--help', 'Show this')

function allCommands(): string {
  const rows = Object.entries(commands).map(([name, { summary }]) => row(name, summary))
  return `Deskvisor makes a PC a desktop appliance, with a way back when the desktop breaks.

Usage: deskvisor COMMAND [options]

Commands:
${rows.join('')}
Options:
${globalOptions}${row('--version', 'Show the version')}
deskvisor COMMAND --help shows examples.
`
}

function oneCommand(name: CommandName, { summary, usage, options, examples }: CommandDescription): string {
  const own = Object.entries(options).map(([option, { type, text }]) =>
    row(`--${option}${type === 'string' ? ` ${option.toUpperCase()}` : ''}`, text),
  )
  return `${summary}.

Usage: ${`deskvisor ${name} ${usage}`.trim()}

Options:
${own.join('')}${globalOptions}
Examples:
${examples.map((example) => `  ${example}\n`).join('')}`
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(16)} ${right}\n`
}
