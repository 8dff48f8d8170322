import { closeSync, constants, openSync, readdirSync, readlinkSync, writeSync } from 'node:fs'
import { basename } from 'node:path'
import { readTextOr } from '../host/atomic.ts'

/** The trimmed text of a sysfs attribute; null when it is absent or cannot be read. */
export function readAttribute(path: string): string | null {
  return readTextOr(path, null)?.trim() ?? null
}

/** Names in a sysfs folder, sorted; empty when it is absent or no folder. */
export function listFolder(path: string): string[] {
  try {
    return readdirSync(path).sort()
  } catch {
    return []
  }
}

/** The last part of what a sysfs link points to, as in `driver -> …/drivers/xhci_hcd`; null when there is none. */
export function linkName(path: string): string | null {
  try {
    return basename(readlinkSync(path))
  } catch {
    return null
  }
}

/** Writes one sysfs attribute. */
export type WriteAttribute = (path: string, value: string) => void

/**
 * Writes a sysfs attribute in one `write` call, as the kernel wants it. The attribute must exist: none is created.
 * Throws the kernel's answer (`ENODEV`, `EBUSY`, …).
 */
export const writeAttribute: WriteAttribute = (path, value) => {
  const { O_WRONLY, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants
  const descriptor = openSync(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK)
  try {
    writeSync(descriptor, value)
  } finally {
    closeSync(descriptor)
  }
}
