import { version } from '../host/version.ts'
import { type CommandDescription, type CommandInput, isGroup } from './description.ts'
import { wordTexts } from './help.ts'
import { commands } from './table.ts'
import { usageOf, writtenOption } from './usage.ts'

export default async function man({ stdout }: CommandInput): Promise<undefined> {
  stdout.write(manualPage())
}

/** deskvisor(8) in the macros of man(7), made from the table of commands. */
export function manualPage(): string {
  return [
    `.TH DESKVISOR 8 "" "deskvisor ${version}" "System administration"`,
    '.SH NAME',
    'deskvisor \\- one desktop VM with nearly the whole machine, and a way back when it breaks',
    '.SH SYNOPSIS',
    '.B deskvisor',
    '.I COMMAND',
    '[options]',
    '.SH DESCRIPTION',
    'Deskvisor makes a PC a desktop appliance: one virtual machine gets nearly the whole computer.',
    'Its operating system lives in a cartridge, and earlier moments of it are kept in a timeline.',
    'When the desktop breaks, hold the boot key (F8) while the computer starts, or use this program, and go back.',
    '.SH WORDS',
    ...Object.entries(wordTexts).flatMap(([word, text]) => ['.TP', `.I ${roff(word)}`, `${roff(text)}.`]),
    '.SH OPTIONS',
    ...option('--root DIR', 'Work on the tree below DIR instead of this machine.'),
    ...option('--help', 'Show help; after a command, help and examples for that.'),
    ...option('--version', 'Show the version.'),
    '.SH COMMANDS',
    ...Object.entries(commands).flatMap(([name, command]) =>
      isGroup(command) && command.alias ? [`${roff(command.alias)} means the same as ${roff(name)}.`] : [],
    ),
    ...Object.entries(commands).flatMap(([name, command]) => {
      if (!isGroup(command)) return command.hidden ? [] : commandLines(name, command)
      return Object.entries(command.verbs).flatMap(([verb, of]) => commandLines(`${name} ${verb}`, of))
    }),
    '.SH EXIT STATUS',
    ...option('0', 'It is done.'),
    ...option('1', 'The machine could not do it.'),
    ...option('2', 'What was asked for is wrong.'),
    ...option('3', 'Standard output could not be written; a change that was asked for is made.'),
    '.SH ERRORS',
    'An error is told on standard error: a sentence, and mostly a second line with what to do next.',
    'With \\-\\-json it is one line of JSON instead; the code and what is to be done next are stable, the words are not, and wrongInput is true when the exit status is 2:',
    '.PP',
    '.nf',
    '.RS',
    roff(
      '{"error":{"code":"no-such-cartridge","message":"There is no ...","next":[{"do":"see", ... }],"hint":"...","wrongInput":true}}',
    ),
    '.RE',
    '.fi',
    '.SH FILES',
    ...option('/var/lib/deskvisor/deskvisor.toml', 'The configuration.'),
    ...option('/var/lib/deskvisor/cartridges', 'The operating systems and their moments.'),
    ...option('/run/deskvisor/api.sock', 'The socket of the API; who may open it may do everything.'),
    '',
  ].join('\n')
}

function commandLines(name: string, description: CommandDescription): string[] {
  const { summary, options = {}, examples } = description
  return [
    `.SS ${roff(`deskvisor ${name} ${usageOf(description)}`.trim())}`,
    `${roff(summary)}.`,
    ...Object.entries(options).flatMap(([option_, of]) => option(writtenOption(option_, of), `${of.text}.`)),
    '.PP',
    examples.length === 1 ? 'Example:' : 'Examples:',
    '.PP',
    '.nf',
    '.RS',
    ...examples.map(roff),
    '.RE',
    '.fi',
  ]
}

function option(name: string, text: string): string[] {
  return ['.TP', `.B ${roff(name)}`, roff(text)]
}

/** groff_char(7): a dash that can be copied, and no line that begins like a request. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
}
