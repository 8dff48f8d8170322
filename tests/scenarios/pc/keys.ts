/** QEMU key codes (qapi/ui.json QKeyCode) for typing text on a US keyboard. */
export type Chord = string[]

const named: Record<string, Chord> = {
  ' ': ['spc'], '\n': ['ret'], '\t': ['tab'], '-': ['minus'], '=': ['equal'], '[': ['bracket_left'],
  ']': ['bracket_right'], '\\': ['backslash'], ';': ['semicolon'], "'": ['apostrophe'], ',': ['comma'],
  '.': ['dot'], '/': ['slash'], '`': ['grave_accent'],
} // biome-ignore format: a table

const shifted = new Map(
  [...'!@#$%^&*()_+{}|:"<>?~'].map((character, index) => [character, "1234567890-=[]\\;',./`"[index] ?? '']),
)

/** The keys to press together for one character; throws for what a US keyboard does not have. */
export function chordOf(character: string): Chord {
  if (/^[a-z0-9]$/.test(character)) return [character]
  if (/^[A-Z]$/.test(character)) return ['shift', character.toLowerCase()]
  const plain = shifted.get(character)
  if (plain) return ['shift', ...chordOf(plain)]
  const chord = named[character]
  if (!chord) throw new Error(`No key types ${JSON.stringify(character)}`)
  return chord
}

/** QEMU's name of a key that people know by another name. */
export function qcodeOf(key: string): string {
  return { enter: 'ret', space: 'spc', pageup: 'pgup', pagedown: 'pgdn' }[key] ?? key
}
