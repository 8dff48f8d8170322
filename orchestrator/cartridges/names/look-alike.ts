import { isPlain } from '../../host/plain-text.ts'

/**
 * Whether a part of a name cannot be seen: Unicode's Default_Ignorable_Code_Point (https://www.unicode.org/reports/tr44/), among
 * them variation selectors, the combining grapheme joiner and the fillers of Hangul, some of which are letters and marks.
 */
export function hasInvisible(name: string): boolean {
  return !isPlain(name) && /\p{Default_Ignorable_Code_Point}/u.test(name)
}

/**
 * What is the same for names that people take for one another: a small skeleton in the sense of UTS #39, section 4
 * (https://www.unicode.org/reports/tr39/#Confusable_Detection). Case, compatibility forms, what cannot be seen, letters of
 * Latin, Greek and Cyrillic that look alike, and marks on them that make no letter of their own make no difference: Büro is
 * not Buro. In other scripts marks are what tells one word from another, and stay. Two names in plain ASCII have the same skeleton only when they differ in nothing but case.
 */
export function skeleton(name: string): string {
  return isPlain(name) ? name.toLowerCase() : skeletonInAnyScript(name)
}

function skeletonInAnyScript(name: string): string {
  const seen = name.normalize('NFD').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
  // Some look like another letter than their compatibility form: the lunate sigma, for example.
  const folded = replaced(replaced(seen).normalize('NFKD')).toUpperCase().toLowerCase().normalize('NFKC')
  return folded.replace(/([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}])\p{M}+/gu, '$1')
}

function replaced(name: string): string {
  const table = lookAlikes()
  return [...name].map((letter) => table.get(letter) ?? letter).join('')
}

let known: ReadonlyMap<string, string> | undefined

/**
 * Letters and what each looks like, from confusables.txt of UTS #39 (https://www.unicode.org/Public/security/latest/), each as
 * it is written: a capital may look like another letter than the small one, as Greek nu does like N and v.
 */
export function lookAlikes(): ReadonlyMap<string, string> {
  known ??= new Map(pairs.split(' ').map((pair): [string, string] => [pair.charAt(0), pair.charAt(1)]))
  return known
}

const pairs = [
  // Cyrillic
  '\u0410A \u0412B \u0421C \u0415E \u041dH \u0406I \u0408J \u041aK \u041cM \u041eO \u0420P \u0405S \u0422T \u0425X \u0423Y',
  '\u04aeY \u051aQ \u051cW \u0474V \u04c0l \u04173',
  '\u0430a \u0441c \u0501d \u0435e \u04bbh \u0456i \u0458j \u04cfl \u043eo \u0440p \u051bq \u0433r \u0455s \u0475v \u051dw \u0445x \u0443y \u04afy',
  '\u0413\u0393 \u041f\u03a0 \u0424\u03a6',
  // Greek
  '\u0391A \u0392B \u0395E \u0396Z \u0397H \u0399I \u039aK \u039cM \u039dN \u039fO \u03a1P \u03a4T \u03a5Y \u03a7X \u03f9C',
  '\u03b1a \u03b3y \u03b9i \u03bak \u03bdv \u03bfo \u03c1p \u03c3o \u03c5u \u03f2c \u03f3j',
  // Latin
  '\u0131i \u0237j \u0251a \u0261g \u1d04c \u1d0fo \u1d20v \u1d21w \u1d22z',
  // An apostrophe, straight or not
  "\u2019'",
].join(' ')
