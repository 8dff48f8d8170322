import { cartridgeCommands } from './cartridge-table.ts'
import { anyCartridge, type CommandTable, force, json, snapshot } from './description.ts'
import { snapshotCommands } from './snapshot-table.ts'

/** Every command, as data: parsing, help, completion and the manual page are made from it. */
export const commands: CommandTable = {
  boot: {
    summary: 'Decide this boot: the desktop or recovery (systemd runs this)',
    options: {
      relaunch: { type: 'boolean', text: 'The guest restarted: look at the boot key, start it anew' },
    },
    examples: ['deskvisor boot'],
    load: async () => (await import('./boot.ts')).default,
  },
  watchdog: {
    summary: 'Watch the running desktop (systemd runs this)',
    examples: ['deskvisor watchdog'],
    load: async () => (await import('./watchdog.ts')).default,
  },
  serve: {
    summary: 'Serve the API on its unix socket (systemd runs this)',
    examples: ['deskvisor serve', 'deskvisor serve --root /mnt/machine'],
    load: async () => (await import('./serve.ts')).default,
  },
  tui: {
    summary: 'Show the recovery menu in this terminal',
    examples: ['deskvisor tui', 'deskvisor tui --root /mnt/machine'],
    load: async () => (await import('./tui.ts')).default,
  },
  status: {
    summary: 'Show what this boot decided and why, and how the desktop is',
    options: { json },
    examples: ['deskvisor status', 'deskvisor status --json'],
    load: async () => (await import('./status.ts')).default,
  },
  rollback: {
    summary: 'Go back to an earlier moment; the present is kept and can be returned to',
    words: [anyCartridge, snapshot],
    options: { force, json },
    examples: [
      'deskvisor rollback latest',
      'deskvisor rollback gondor 2026-11-20T21:05',
      'deskvisor rollback latest --force',
    ],
    load: async () => (await import('./rollback.ts')).rollback,
  },
  undo: {
    summary: 'Undo the last rollback',
    words: [anyCartridge],
    options: { force, json },
    examples: ['deskvisor undo', 'deskvisor undo gondor'],
    load: async () => (await import('./rollback.ts')).undo,
  },
  try: {
    summary: 'Start once from an earlier moment, without committing to it',
    words: [anyCartridge, snapshot],
    options: { json },
    examples: ['deskvisor try 2026-11-20', 'deskvisor try gondor latest'],
    load: async () => (await import('./try.ts')).trySnapshot,
  },
  keep: {
    summary: 'Keep what was tried: it becomes the present',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor keep'],
    load: async () => (await import('./try.ts')).keep,
  },
  drop: {
    summary: 'Drop what was tried: the present is as it was',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor drop'],
    load: async () => (await import('./try.ts')).drop,
  },
  snapshot: {
    summary: 'Look at the moments of an operating system, and look after them',
    alias: 'snapshots',
    verbs: snapshotCommands,
  },
  cartridge: {
    summary: 'Look after the operating systems of this machine',
    alias: 'cartridges',
    verbs: cartridgeCommands,
  },
  recovery: {
    summary: 'Send the next boot to recovery',
    options: {
      'next-boot': {
        type: 'boolean',
        text: 'The next boot, and only that one, opens the menu',
        required: true,
      },
      json,
    },
    examples: ['deskvisor recovery --next-boot'],
    load: async () => (await import('./recovery.ts')).default,
  },
  doctor: {
    summary: 'Check whether this computer can run Deskvisor',
    options: { json },
    examples: ['deskvisor doctor', 'deskvisor doctor --json'],
    load: async () => (await import('./doctor.ts')).default,
  },
  openapi: {
    summary: 'Print the OpenAPI document of the API',
    examples: ['deskvisor openapi > deskvisor.json'],
    load: async () => (await import('./openapi.ts')).default,
  },
  completion: {
    summary: 'Print completion for a shell',
    words: [{ name: 'SHELL', completed: ['bash', 'zsh', 'fish'] }],
    examples: [
      'deskvisor completion bash > /usr/share/bash-completion/completions/deskvisor',
      'deskvisor completion zsh > /usr/share/zsh/vendor-completions/_deskvisor',
      'deskvisor completion fish > /usr/share/fish/vendor_completions.d/deskvisor.fish',
    ],
    load: async () => (await import('./completion.ts')).default,
  },
  man: {
    summary: 'Print the manual page',
    examples: ['deskvisor man > deskvisor.8', 'deskvisor man | man -l -'],
    load: async () => (await import('./man.ts')).default,
  },
  complete: {
    summary: 'Print the names that completion offers',
    words: [
      { name: 'KIND', completed: ['cartridges', 'snapshots', 'trash'] },
      { name: 'CARTRIDGE', optional: true },
    ],
    examples: ['deskvisor complete snapshots gondor'],
    hidden: true,
    load: async () => (await import('./complete.ts')).default,
  },
}
