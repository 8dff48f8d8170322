import { snapshotKinds } from '../snapshots/kinds.ts'
import { anyCartridge, type CommandDescription, json, snapshot } from './description.ts'

/** `deskvisor snapshot …` */
export const snapshotCommands: Readonly<Record<string, CommandDescription>> = {
  list: {
    summary: 'List the moments of an operating system, newest first',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor snapshot list', 'deskvisor snapshot list gondor --json'],
    load: async () => (await import('./snapshot/list.ts')).list,
  },
  sizes: {
    summary:
      'Measure the space that each moment needs, and list them; the list alone shows what was measured last',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor snapshot sizes', 'deskvisor snapshot sizes gondor --json'],
    load: async () => (await import('./snapshot/list.ts')).sizes,
  },
  take: {
    summary: 'Keep the present as a moment; a running desktop stands still for an instant',
    words: [anyCartridge],
    options: {
      note: { type: 'string', text: 'A note about it', value: 'TEXT' },
      kind: {
        type: 'string',
        text: `Its kind, if not manual: ${snapshotKinds.join(', ')}; what comes by itself is of what runs`,
        completed: snapshotKinds,
      },
      'if-written': { type: 'boolean', text: 'Only when something was written since the last moment' },
      json,
    },
    examples: [
      'deskvisor snapshot take --note "before the new driver"',
      'deskvisor snapshot take --kind before-update',
      'deskvisor snapshot take --kind hourly --if-written',
    ],
    load: async () => (await import('./snapshot/take.ts')).default,
  },
  delete: {
    summary: 'Delete a moment for ever',
    words: [anyCartridge, snapshot],
    options: { json },
    examples: ['deskvisor snapshot delete gondor 2026-11-20T21:05:03Z-boot'],
    load: async () => (await import('./snapshot/change.ts')).remove,
  },
  pin: {
    summary: 'Keep a moment until it is unpinned',
    words: [anyCartridge, snapshot],
    options: { json },
    examples: ['deskvisor snapshot pin latest'],
    load: async () => (await import('./snapshot/change.ts')).pin,
  },
  unpin: {
    summary: 'Let a pinned moment go when its time comes',
    words: [anyCartridge, snapshot],
    options: { json },
    examples: ['deskvisor snapshot unpin latest'],
    load: async () => (await import('./snapshot/change.ts')).unpin,
  },
  note: {
    summary: 'Write a note about a moment',
    words: [anyCartridge, snapshot, { name: 'TEXT' }],
    options: { json },
    examples: ['deskvisor snapshot note latest "the last one that printed"'],
    load: async () => (await import('./snapshot/change.ts')).note,
  },
  plan: {
    summary: 'Show what pruning would keep and why, and what it would delete',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor snapshot plan'],
    load: async () => (await import('./snapshot/prune.ts')).plan,
  },
  prune: {
    summary: 'Delete the moments that the rules do not keep',
    words: [anyCartridge],
    options: { json },
    examples: ['deskvisor snapshot prune'],
    load: async () => (await import('./snapshot/prune.ts')).prune,
  },
  'make-room': {
    summary:
      'Delete the trash and old moments of all operating systems, as far as too little is free; this happens by itself',
    options: { json },
    examples: ['deskvisor snapshot make-room'],
    load: async () => (await import('./snapshot/prune.ts')).makeRoom,
  },
}
