/** Longest short name, in characters; orchestrator/cartridges refuses longer ones. */
const LONGEST = 64

/**
 * A short name, as folders and commands use it, from a title that a person typed: letters, digits and dashes, not one of
 * `taken`. A title without any letter or digit becomes `system`.
 */
export function shortName(title: string, taken: string[]): string {
  const letters = title
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
  const base =
    [...letters]
      .slice(0, LONGEST - 4)
      .join('')
      .replace(/-+$/, '') || 'system'
  const used = new Set(taken.map((name) => name.toLowerCase()))
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`
    if (!used.has(name)) return name
  }
}
