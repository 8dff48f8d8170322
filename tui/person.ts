import type { Api, JobInfo } from '../orchestrator/api/contract.ts'
import type { MachineState } from './machine-state.ts'
import type { Line } from './terminal/text.ts'
import type { View } from './views/view.ts'

/** Something that can be done in the menu, from the first question to the last word. What it throws is told to the person. */
export type Story = (person: Person) => Promise<void>

/**
 * Somebody in front of a terminal, as a story sees them: full/place.ts is a whole screen, plain/person.ts lines of text.
 * Whoever leaves a question, by Esc or an empty line, answers null.
 */
export type Person = {
  readonly api: Api
  readonly machine: MachineState
  choose<T>(question: Question<T>): Promise<T | null>
  askText(question: TextQuestion): Promise<string | null>
  /** Fetches what comes next and says `text` meanwhile. Whoever leaves it has left the story. */
  look<T>(title: string, text: string, fetch: () => Promise<T>): Promise<T>
  /** Has the machine do something that is over soon. It is done even if the person leaves meanwhile. */
  perform<T>(title: string, act: () => Promise<T>): Promise<T>
  /** Long work and how far it is; null when the person stopped it. It goes on, and is told, when they leave. */
  follow(work: Work): Promise<JobInfo | null>
  /** Asks for something by which the machine ends the menu. */
  request(title: string, text: string[], ask: () => Promise<void>): Promise<void>
  openList<L extends List>(source: ListSource<L>): Promise<void>
  /** Many lines of text, the newest last, and a way to see only some of them. */
  readLong(text: LongText): Promise<void>
  readPage(page: Page): Promise<void>
  /** Lends the terminal to a command line. */
  shell(): Promise<void>
  /** Back to the first screen; on lines of text each list leads back to the one before. */
  home(): void
}

export type Question<T> = {
  title: string
  /** What will happen, or what happened; the first paragraph stands out. */
  text: string[]
  answers: Answer<T>[]
  /** The place of the answer that is chosen already: the safe one. */
  selected?: number
  help: string[]
  warning?: boolean
  /** The chosen answer is given by itself after so many seconds, unless a key is pressed before. */
  countdown?: { seconds: number; text: (seconds: number) => string }
  /**
   * On lines of text an `offer` of what could come next is only said, for the list that follows has it as well, and what is
   * `harmless` is done without asking, for nobody types a number by accident.
   */
  kind?: 'offer' | 'harmless'
}

/** The answer with the value null changes nothing. `word` is what is typed for it on lines of text, "yes" unless said otherwise. */
export type Answer<T> = { label: string; value: T | null; word?: string }

export type TextQuestion = {
  title: string
  /** What is asked for; the first paragraph stands out. */
  text: string[]
  /** What stands there already. */
  value: string
  /** In characters. */
  longest: number
  /** What an empty text means: there need not be one, or the one that is there goes. Without it there must be a text. */
  empty?: 'none' | 'removes'
}

export type Work = {
  title: string
  /** What is done, before the machine says more. */
  text: string
  start: () => Promise<JobInfo>
  /** What is said after the person stopped it. */
  stopped: string
}

export type List = {
  title: string
  /** What is said above it on lines of text, where that is not the title. */
  heading?: string
  headline: string
  items: ListItem[]
  help: string[]
  /** What else can be done here. */
  commands?: Command[]
}

export type ListItem = {
  /** Stays the same while the item does, so that the bar stays on it. */
  id: string
  label: string
  /** A word or two at the right end of the row. */
  mark?: string
  /** What it is, or what will happen; a paragraph each. */
  about: string[]
  /** What is typed for it on lines of text, where that is not its place. */
  word?: string
  open: Story
  /** What else can be done with it. */
  commands?: Command[]
  /** Where words are looked for, in lower case; items without it are not found by a word. */
  searchText?: () => string
}

/** `act` does something at once and says in a sentence what, on the list's first line; `word` is for lines of text. */
export type Command = { key: string; word?: string; does: string } & (
  | { open: Story }
  | { act: () => Promise<string> }
)

export type ListSource<L extends List> = {
  title: string
  /** What is said until it is there. */
  looking: string
  /** Makes the list, and makes it again whenever it is seen again. */
  load: () => Promise<L>
  /** Its own drawing for a whole screen, where it has one. */
  view?: () => Promise<ViewMaker<L>>
  /** On lines of text, one choice leads back to the list before. */
  once?: boolean
}

/** What the screen of a list may use. */
export type ListContext<L extends List> = {
  list: L
  /** Makes the list again. */
  load: () => Promise<L>
  /** Shows a story on top of the list. */
  open: (story: Story) => void
  /** What `act` says that it did, or what went wrong. */
  attempt: (act: () => Promise<string>) => Promise<string>
  leave: () => void
  redraw: () => void
}

export type ViewMaker<L extends List> = (context: ListContext<L>) => View

export type LongText = {
  title: string
  help: string[]
  /** What its lines are, for example `messages`. */
  noun: string
  load: () => Promise<string[]>
  failed: (error: unknown) => string
}

export type Page = {
  title: string
  help: string[]
  /** Lines of at most `width` cells; made again whenever it is drawn. */
  draw: (width: number) => Line[]
  /** The same for lines of text. */
  sentences: () => Promise<string[]>
}
