import {
  anyCartridge,
  type CommandDescription,
  cartridge,
  force,
  json,
  newName,
  ofSnapshot,
  snapshot,
  title,
} from './description.ts'

const size = 'a number with K, M, G or T, for example 64G'

/** `deskvisor cartridge …` */
export const cartridgeCommands: Readonly<Record<string, CommandDescription>> = {
  list: {
    summary: 'List the operating systems; * is the inserted one',
    options: { json },
    examples: ['deskvisor cartridge list', 'deskvisor cartridge list --json'],
    load: async () => (await import('./cartridge/list.ts')).default,
  },
  create: {
    summary: 'Make an operating system with an empty disk, to install into',
    words: [{ name: 'NAME' }],
    options: { size: { type: 'string', text: `Size of the disk: ${size}`, required: true }, title, json },
    examples: ['deskvisor cartridge create rohan --size 64G --title "Rohan"'],
    load: async () => (await import('./cartridge/new.ts')).create,
  },
  import: {
    summary: 'Make an operating system from a disk or a disk image; - is standard input',
    words: [{ name: 'FILE', completed: 'files' }],
    options: {
      name: { type: 'string', text: 'Name of the new operating system', required: true },
      title,
      json,
    },
    examples: [
      'deskvisor cartridge import gondor.qcow2 --name gondor',
      'deskvisor cartridge import /dev/sdb --name old-pc --title "The old PC"',
      'ssh old-pc cat /dev/sda | deskvisor cartridge import - --name old-pc',
    ],
    load: async () => (await import('./cartridge/import.ts')).default,
  },
  export: {
    summary: 'Write the disk of an operating system into a new file; - is standard output',
    words: [anyCartridge, { name: 'FILE', completed: 'files' }],
    options: { snapshot: ofSnapshot, json },
    examples: [
      'deskvisor cartridge export gondor gondor.qcow2',
      'deskvisor cartridge export /mnt/usb/gondor.raw --snapshot latest',
      'deskvisor cartridge export gondor - | zstd > gondor.raw.zst',
    ],
    load: async () => (await import('./cartridge/export.ts')).default,
  },
  insert: {
    summary: 'Make this operating system the desktop from the next start on, or at once',
    words: [cartridge],
    options: {
      now: { type: 'boolean', text: 'Shut the running desktop down in order and start it with this one' },
      force,
      json,
    },
    examples: ['deskvisor cartridge insert gondor', 'deskvisor cartridge insert gondor --now'],
    load: async () => (await import('./cartridge/insert.ts')).default,
  },
  clone: {
    summary: 'Make a second operating system from one; what is the same is stored once',
    words: [anyCartridge, newName],
    options: { snapshot: ofSnapshot, json },
    examples: [
      'deskvisor cartridge clone gondor gondor-test',
      'deskvisor cartridge clone gondor-old --snapshot latest',
    ],
    load: async () => (await import('./cartridge/new.ts')).clone,
  },
  rename: {
    summary: 'Give an operating system another name',
    words: [anyCartridge, newName],
    options: { json },
    examples: ['deskvisor cartridge rename old-pc gondor'],
    load: async () => (await import('./cartridge/change.ts')).rename,
  },
  note: {
    summary: 'Write a note about an operating system, or change its title',
    words: [anyCartridge, { name: 'TEXT' }],
    options: { title, json },
    examples: [
      'deskvisor cartridge note gondor "The one with the printer"',
      'deskvisor cartridge note gondor "" --title "Gondor"',
    ],
    load: async () => (await import('./cartridge/change.ts')).note,
  },
  freeze: {
    summary: 'Whether the guest writes everything back before a moment is taken while it runs',
    words: [anyCartridge, { name: 'ON-OR-OFF', completed: ['on', 'off'] }],
    options: { json },
    examples: ['deskvisor cartridge freeze gondor off'],
    load: async () => (await import('./cartridge/change.ts')).freeze,
  },
  golden: {
    summary: 'Mark the golden moment, the one for every start; the word none takes the mark away',
    words: [anyCartridge, { ...snapshot, also: ['none'] }],
    options: { json },
    examples: ['deskvisor cartridge golden gondor latest', 'deskvisor cartridge golden none'],
    load: async () => (await import('./cartridge/change.ts')).golden,
  },
  reset: {
    summary: 'Whether every start begins from the golden moment',
    words: [anyCartridge, { name: 'ON-OR-OFF', completed: ['on', 'off'] }],
    options: { json },
    examples: ['deskvisor cartridge reset gondor on', 'deskvisor cartridge reset off'],
    load: async () => (await import('./cartridge/change.ts')).reset,
  },
  grow: {
    summary: 'Make the disk of an operating system larger',
    words: [anyCartridge, { name: 'SIZE' }],
    options: { json },
    examples: ['deskvisor cartridge grow gondor 256G'],
    load: async () => (await import('./cartridge/change.ts')).grow,
  },
  data: {
    summary: 'Give an operating system a disk for data, which resetting leaves alone, or enlarge it',
    words: [cartridge, { name: 'SIZE', optional: true }],
    options: {
      remove: { type: 'boolean', text: 'Remove the disk for data and what is on it, for ever' },
      json,
    },
    examples: ['deskvisor cartridge data gondor 64G', 'deskvisor cartridge data gondor --remove'],
    load: async () => (await import('./cartridge/data.ts')).default,
  },
  delete: {
    summary: 'Put an operating system into the trash',
    words: [cartridge],
    options: { json },
    examples: ['deskvisor cartridge delete old-pc'],
    load: async () => (await import('./cartridge/trash.ts')).remove,
  },
  trash: {
    summary: 'List what lies in the trash, or empty it',
    options: { empty: { type: 'boolean', text: 'Delete for ever what lies in it' }, json },
    examples: ['deskvisor cartridge trash', 'deskvisor cartridge trash --empty'],
    load: async () => (await import('./cartridge/trash.ts')).trash,
  },
  restore: {
    summary: 'Take an operating system out of the trash again',
    words: [{ name: 'ENTRY', completed: 'trash' }],
    options: { json },
    examples: ['deskvisor cartridge restore .trash-old-pc-2026-11-20T21:05:03Z'],
    load: async () => (await import('./cartridge/trash.ts')).restore,
  },
}
