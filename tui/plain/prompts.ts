import type { Answer, Command, List, ListItem, TextQuestion } from '../person.ts'

/** As many items of a list are shown at once when a word finds the others. */
const AT_ONCE = 15

/** What is typed for an answer or a command. */
export function wordOf(choice: { word?: string; key?: string }): string {
  return choice.word ?? choice.key ?? 'yes'
}

/** What can be typed as an answer: one word that does it, several, or those of the commands as well. */
export function questionPrompt<T>(answers: Answer<T>[], also: Command[]): string {
  const given = answers.filter(({ value }) => value !== null)
  const leave = leaving(answers.find(({ value }) => value === null)?.label ?? '')
  const words = given.map(wordOf)
  if (also.length > 0) {
    return `Type ${words.join(', ')}, or one of: ${also.map(wordOf).join(', ')}. Just Enter changes nothing: `
  }
  const labels = given.filter(({ label }) => !/^Yes\b/.test(label))
  const meanings = labels.map((answer) => `  ${wordOf(answer)}: ${answer.label}\n`).join('')
  if (words.length > 1 || words[0] !== 'yes') {
    return `${meanings}Type ${words.join(' or ')}, or just Enter ${leave}: `
  }
  return `${meanings}Type yes to do it, or just press Enter ${leave}: `
}

/** The answer that changes nothing, behind "Enter": `to decide later`. */
function leaving(label: string): string {
  const words = label.replace(/^No, /, '')
  return words.includes(' ') ? `to ${words.charAt(0).toLowerCase()}${words.slice(1)}` : 'to leave'
}

export function textPrompt({ text, value, empty }: TextQuestion): string {
  const asked = text.join(' ')
  if (empty === 'none') return `${asked} `
  const none = empty === 'removes' && value !== '' ? 'none to take it away, ' : ''
  return `${asked.replace(/:$/, '')} (${none}just Enter to leave it): `
}

/** The items that contain a word, in the order of what is typed for them, and their lines. */
export function entries(items: ListItem[], word: string): { items: ListItem[]; lines: string[] } {
  const isFindable = items.some(({ searchText }) => searchText)
  const found = word === '' ? items : items.filter(({ searchText }) => searchText?.().includes(word))
  const sorted = found.toSorted((one, other) => Number(one.word) - Number(other.word) || 0)
  const shown = isFindable ? sorted.slice(0, AT_ONCE) : sorted
  const older = sorted.length - shown.length
  const more = older > 0 ? [`  ... and ${older} older ones; a word finds them.`] : []
  return { items: sorted, lines: [...shown.map(entryLine), ...more] }
}

function entryLine({ word, label, mark = '', about }: ListItem, index: number): string {
  const head = `  ${word ?? index + 1}  ${label}${mark === '' ? '' : ` (${mark})`}`
  const sentences = about.filter(Boolean)
  return sentences.length === 0 ? head : `${head}. ${sentences.join(' ')}`
}

/** The item that an answer names. */
export function entryOf(items: ListItem[], answer: string): ListItem | undefined {
  return items.find(({ word }, index) => answer.toLowerCase() === (word ?? String(index + 1)))
}

export function listPrompt({ items, commands = [] }: List): string {
  const find = items.some(({ searchText }) => searchText) ? ', a word to find one' : ''
  const more = commands.map((command) => `, ${wordOf(command)} to ${command.does}`).join('')
  return `Type a number to choose one${find}${more}, or just Enter to leave: `
}
