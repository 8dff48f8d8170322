import type { Api, JobInfo } from '../../orchestrator/api/index.ts'
import { hintOf } from '../hints.ts'
import type { MachineState } from '../machine-state.ts'
import type {
  Command,
  List,
  ListItem,
  ListSource,
  LongText,
  Page,
  Person,
  Question,
  Story,
  TextQuestion,
  Work,
} from '../person.ts'
import { endOf } from '../questions.ts'
import { spoken, spokenError } from '../spoken.ts'
import { sanitize } from '../terminal/sanitize.ts'
import { runShell } from '../terminal/shell.ts'
import { linesWith } from '../views/long-text.ts'
import type { LineTerminal } from './lines.ts'
import { entries, entryOf, listPrompt, questionPrompt, textPrompt, wordOf } from './prompts.ts'

/** As many lines of a long text are shown at once, the newest. */
const LONG_LINES = 100

type Seat = { api: Api; machine: MachineState; lines: LineTerminal; root: string }

/** Somebody in front of lines of text. An empty line, or the end of the input, leaves whatever is asked. */
export class LinePerson implements Person {
  readonly api: Api
  readonly machine: MachineState
  readonly #seat: Seat
  readonly #lines: LineTerminal
  /** What else can be answered to the next question. */
  #also: Command[]

  constructor(seat: Seat, also: Command[] = []) {
    this.api = seat.api
    this.machine = seat.machine
    this.#seat = seat
    this.#lines = seat.lines
    this.#also = also
  }

  /** Tells a story, and what went wrong with it. */
  async tell(story: Story): Promise<void> {
    try {
      await story(this)
    } catch (error) {
      this.#lines.say(spokenError(error), hintOf(error))
    }
  }

  async choose<T>(question: Question<T>): Promise<T | null> {
    const { text, answers, selected = 0, kind, countdown, help } = question
    const also = this.#also
    this.#also = []
    const chosen = answers[selected]?.value ?? null
    if (kind === 'harmless') return chosen
    this.#lines.say(...text)
    // Nobody sees a countdown on lines of text, so what it leads to is done at once.
    if (kind === 'offer') return countdown === undefined ? null : chosen
    const answer = (await this.#ask(questionPrompt(answers, also), help))?.toLowerCase()
    const command = also.find((each) => wordOf(each) === answer)
    if (command !== undefined) await this.#use(command)
    return answers.find((each) => each.value !== null && wordOf(each) === answer)?.value ?? null
  }

  async askText(question: TextQuestion): Promise<string | null> {
    const { value, longest, empty } = question
    const typed = await this.#lines.ask(textPrompt(question))
    if (typed === '' && empty === 'none') return ''
    if (typed === null || typed === '') return null
    if (empty === 'removes' && value !== '' && typed.toLowerCase() === 'none') return ''
    return [...typed].slice(0, longest).join('')
  }

  look<T>(_title: string, _text: string, fetch: () => Promise<T>): Promise<T> {
    return fetch()
  }

  perform<T>(_title: string, act: () => Promise<T>): Promise<T> {
    return act()
  }

  async follow(work: Work): Promise<JobInfo | null> {
    const { id } = await work.start()
    this.#lines.say(work.text, 'To stop it, type stop and press Enter.')
    let said = ''
    const onChange = ({ text, snapshot, progress }: JobInfo) => {
      const share = progress === null ? '' : ` (${Math.floor(progress * 10)}0 %)`
      const now = `${spoken(text, snapshot)}${share}`
      if (now !== said) this.#lines.say(now)
      said = now
    }
    const ended = await this.#lines.listen(this.api.followJob(id, onChange), (line) => {
      if (line.toLowerCase() !== 'stop') return false
      void this.api.cancelJob(id).catch((error) => this.#lines.say(spokenError(error)))
      return true
    })
    return endOf(this, work, ended)
  }

  async request(_title: string, [text = '']: string[], ask: () => Promise<void>): Promise<void> {
    const asked = ask()
    this.#lines.say(text)
    await asked
  }

  async openList<L extends List>({ load, once = false }: ListSource<L>): Promise<void> {
    for (let word = ''; ; ) {
      const list = await load()
      const { commands = [] } = list
      const found = entries(list.items, word)
      this.#lines.say('', list.heading ?? list.title, list.headline, '', ...found.lines)
      const answer = await this.#ask(listPrompt(list), list.help)
      if (answer === null || answer === '') return
      const item = entryOf(found.items, answer)
      const command = commands.find((each) => wordOf(each) === answer.toLowerCase())
      if (item !== undefined) await this.#open(item)
      else if (command !== undefined) await this.tell(() => this.#use(command))
      else if (list.items.some(({ searchText }) => searchText)) word = answer.toLowerCase()
      else this.#lines.say(`"${sanitize(answer)}" is not on the list.`)
      if (once && (item !== undefined || (command !== undefined && 'open' in command))) return
    }
  }

  async readLong({ noun, load, help }: LongText): Promise<void> {
    const all = await load()
    for (let word: string | null = ''; word !== null; ) {
      const shown = linesWith(all, word).slice(-LONG_LINES)
      this.#lines.say(...(shown.length === 0 ? [`No ${noun}`] : shown))
      const question = 'Type a word to see only lines that contain it, or just Enter to leave: '
      word = (await this.#ask(question, help)) || null
    }
  }

  async readPage({ sentences }: Page): Promise<void> {
    this.#lines.say(...(await sentences()))
  }

  async shell(): Promise<void> {
    this.#lines.pause()
    await runShell(this.#seat.root, (text) => this.#lines.say(text))
  }

  home(): void {}

  /** What is typed; a question mark shows the help and asks again. */
  async #ask(prompt: string, help: string[]): Promise<string | null> {
    for (;;) {
      const answer = await this.#lines.ask(prompt)
      if (answer !== '?') return answer
      this.#lines.say(...help)
    }
  }

  #open({ open, commands }: ListItem): Promise<void> {
    return new LinePerson(this.#seat, commands).tell(open)
  }

  async #use(command: Command): Promise<void> {
    if ('open' in command) await command.open(this)
    else this.#lines.say(...[await command.act()].filter(Boolean))
  }
}
