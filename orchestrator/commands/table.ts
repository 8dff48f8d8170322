/** What a command gets: the tree it works on, its own words, and its options. */
export type CommandInput = {
  root: string
  words: string[]
  options: Readonly<Record<string, string | boolean | undefined>>
}

export type CommandModule = { default: (input: CommandInput) => Promise<number | undefined> }

export type CommandDescription = {
  summary: string
  /** What may follow the name, for the usage line. */
  usage: string
  /** The forms of the words after the name; `*` is any word. */
  words: readonly (readonly string[])[]
  options: Readonly<Record<string, { type: 'boolean' | 'string'; text: string }>>
  examples: readonly string[]
  load: () => Promise<CommandModule>
}

const json = { type: 'boolean', text: 'Print JSON' } as const

/** Every command, as data: parsing and help are made from it. */
export const commands = {
  boot: {
    summary: 'Decide this boot: the desktop or recovery (systemd runs this)',
    usage: '[--relaunch]',
    words: [[]],
    options: {
      relaunch: { type: 'boolean', text: 'The guest restarted: look at the boot key, start it anew' },
    },
    examples: ['deskvisor boot'],
    load: () => import('./boot.ts'),
  },
  watchdog: {
    summary: 'Watch the running console (systemd runs this)',
    usage: '',
    words: [[]],
    options: {},
    examples: ['deskvisor watchdog'],
    load: () => import('./watchdog.ts'),
  },
  tui: {
    summary: 'Show the recovery menu in this terminal',
    usage: '',
    words: [[]],
    options: {},
    examples: ['deskvisor tui', 'deskvisor tui --root /mnt/machine'],
    load: () => import('./tui.ts'),
  },
  status: {
    summary: 'Show what this boot decided and why, and how the console is',
    usage: '[--json]',
    words: [[]],
    options: { json },
    examples: ['deskvisor status', 'deskvisor status --json'],
    load: () => import('./status.ts'),
  },
  recovery: {
    summary: 'Send the next boot to recovery',
    usage: '--next-boot',
    words: [[]],
    options: { 'next-boot': { type: 'boolean', text: 'The next boot, and only that one, opens the menu' } },
    examples: ['deskvisor recovery --next-boot'],
    load: () => import('./recovery.ts'),
  },
  doctor: {
    summary: 'Check whether this computer can run Deskvisor',
    usage: '[--json]',
    words: [[]],
    options: { json },
    examples: ['deskvisor doctor', 'deskvisor doctor --json'],
    load: () => import('./doctor.ts'),
  },
  cartridge: {
    summary: 'Import, insert and list operating systems',
    usage: 'import FILE --name NAME [--title TITLE] | insert NAME | list [--json]',
    words: [['import', '*'], ['insert', '*'], ['list']],
    options: {
      name: { type: 'string', text: 'Name of the new operating system' },
      title: { type: 'string', text: 'What people call it, if not its name' },
      json,
    },
    examples: [
      'deskvisor cartridge import gondor.raw --name gondor',
      'deskvisor cartridge import /dev/sdb --name old-pc --title "The old PC"',
      'deskvisor cartridge insert gondor',
      'deskvisor cartridge list',
    ],
    load: () => import('./cartridge.ts'),
  },
} as const satisfies Record<string, CommandDescription>

export type CommandName = keyof typeof commands

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(commands, word)
}
