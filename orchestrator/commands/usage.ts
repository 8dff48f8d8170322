import type { CommandDescription, Option } from './description.ts'

/** What may follow a command's name, for example `[CARTRIDGE] FILE --name NAME [--json]`. */
export function usageOf({ words = [], options = {} }: CommandDescription): string {
  const parts = words.map(({ name, optional }) => (optional ? `[${name}]` : name))
  const byNeed = Object.entries(options).sort(([, one], [, other]) => rank(one) - rank(other))
  for (const [name, option] of byNeed) {
    const written = writtenOption(name, option)
    parts.push(option.required ? written : `[${written}]`)
  }
  return parts.join(' ')
}

/** `--json`, or `--title TITLE`. */
export function writtenOption(name: string, { type, value }: Option): string {
  return type === 'string' ? `--${name} ${value ?? name.toUpperCase()}` : `--${name}`
}

function rank({ required }: Option): number {
  return required ? 0 : 1
}
