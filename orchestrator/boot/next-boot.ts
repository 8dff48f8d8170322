import { lstatSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { readText, syncFolder, writeFileAtomic } from '../host/atomic.ts'
import type { Machine } from '../host/machine.ts'
import { moveAside } from './move-aside.ts'
import { asReason, type Reason } from './types.ts'

/** Sends the next boot, and only that one, to recovery with this reason. */
export function requestRecovery(machine: Machine, reason: Reason): void {
  const path = machine.paths.nextBoot
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) moveAside(path)
  writeFileAtomic(path, `${JSON.stringify({ intent: 'recovery', reason })}\n`)
}

/** What the one-shot flag says; null without one. A flag that cannot be understood still asks for recovery. */
export function readNextBoot(machine: Machine): Reason | null {
  const path = machine.paths.nextBoot
  return isThere(path) ? (understood(path) ?? unreadable) : null
}

/** Ends the flag: removed when it was understood, else moved aside, so that it counts once and nothing is lost. */
export function consumeNextBoot(machine: Machine): void {
  const path = machine.paths.nextBoot
  if (!isThere(path)) return
  if (!understood(path)) {
    moveAside(path)
    return
  }
  rmSync(path)
  syncFolder(dirname(path))
}

const unreadable: Reason = {
  code: 'next-boot',
  text: 'The one-shot flag boot/next is there but cannot be read.',
}
const unexplained: Reason = {
  code: 'next-boot',
  text: 'Recovery was asked for with the one-shot flag boot/next.',
}

/** A path that cannot even be looked at (its folder is a file, a link to itself) counts as there. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}

function understood(path: string): Reason | null {
  try {
    const value: unknown = JSON.parse(readText(path, { followSymlink: false, maxBytes: 65_536 }))
    if (typeof value !== 'object' || value === null || !('intent' in value) || value.intent !== 'recovery')
      return null
    const given = 'reason' in value ? value.reason : undefined
    if (typeof given === 'string' && given.trim()) return asReason({ code: 'next-boot', text: given })
    return asReason(given) ?? unexplained
  } catch {
    return null
  }
}
