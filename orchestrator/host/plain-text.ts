/**
 * Whether a text is printable ASCII and nothing else, as nearly every name and sentence on the way to the desktop is.
 * Before V8 can ask a character of what kind it is in Unicode (`\p{…}`), it collects all characters of that kind: for three
 * kinds, a fifth of what starting Node takes. So this is asked first, and what needs `\p{…}` is in a function of its own.
 */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text)
}

/** The text with `by` in place of each run of control characters, private and unassigned ones among them. */
export function withoutControls(text: string, by: string): string {
  return isPlain(text) ? text : replaceControls(text, by)
}

function replaceControls(text: string, by: string): string {
  return text.replace(/\p{C}+/gu, by)
}

/** Names and titles from the disk, or from a person, as they may go to a terminal: without control characters, and not too long. */
export function shown(text: string, maxLength = 100): string {
  return (isPlain(text) ? text : questionControls(text)).slice(0, maxLength)
}

function questionControls(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}
