import { DeskvisorError } from '../../host/errors.ts'
import { isPlain } from '../../host/plain-text.ts'

/** A folder name may have 255 bytes; room is left for prefixes such as `.import-`. */
const maxBytes = 200

/** The name in Unicode NFC without blanks around it, or undefined when it cannot be a cartridge's name. */
export function normalName(name: string): string | undefined {
  const normal = (isPlain(name) ? name : name.normalize('NFC')).replace(/^ +| +$/g, '')
  const fits = normal.length <= 64 && Buffer.byteLength(normal) <= maxBytes
  return fits && fitsAsName(normal) && !normal.endsWith('.') ? normal : undefined
}

/**
 * Letters and digits of any script, then also what names of people, rooms and versions have. No separators, commas, quotes
 * but the apostrophe, dollar or percent signs, and no control characters: a name becomes a folder, part of the arguments of
 * QEMU, swtpm and systemd-run, and text on a screen. What is not typed on purpose, a blank at the end for example, is left out.
 */
function fitsAsName(name: string): boolean {
  return isPlain(name) ? /^[A-Za-z0-9](?:[\w.'()&+-]| (?! ))*$/.test(name) : fitsInAnyScript(name)
}

function fitsInAnyScript(name: string): boolean {
  return /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}._'\u2019()&+-]| (?! ))*$/u.test(name)
}

/** The same; throws DeskvisorError `bad-name` (exit 2). A new name is looked at more closely (known.ts). */
export function checkedName(name: string): string {
  const normal = normalName(name)
  if (normal !== undefined) return normal
  throw badName(
    name,
    "Use up to 64 letters, digits, single blanks and . _ - ' ( ) & +, beginning with a letter or digit.",
  )
}

export function badName(name: string, advice: string): DeskvisorError {
  const shown = JSON.stringify(name.slice(0, 80)).replace(/\p{Default_Ignorable_Code_Point}/gu, '?')
  return new DeskvisorError('bad-name', `${shown} cannot be a name.`, { next: advice })
}

/** Two names are the same to a person when they differ only in case or Unicode form. */
export function sameName(one: string, other: string): boolean {
  return foldCase(one) === foldCase(other)
}

function foldCase(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
