import { type Api, type JobInfo, sentenceOf } from '../../orchestrator/api/contract.ts'
import type { MachineState } from '../machine-state.ts'
import type {
  List,
  ListContext,
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
import { spoken } from '../spoken.ts'
import { ChoiceView } from '../views/choice.ts'
import { ListView } from '../views/list.ts'
import { LongTextView } from '../views/long-text.ts'
import { PageView } from '../views/page.ts'
import { ProgressView } from '../views/progress.ts'
import { TextQuestionView } from '../views/text-question.ts'
import type { View } from '../views/view.ts'
import { WaitView } from '../views/wait.ts'
import { errorMessage } from './error.ts'
import { stopJob } from './stop-job.ts'

/** What the place of a story needs of the app. */
export type Screens = {
  readonly api: Api
  readonly machine: MachineState
  /** Places of the work that this menu follows, by the id of the job; on the screen or not. */
  readonly followed: Map<string, Place>
  open(view: View): void
  /** Shows `view` in place of `old` and of whatever covers it; false when the person has left `old` meanwhile. */
  replace(old: View, view: View): boolean
  /** Shows `view` on top of the first screen: now when nothing else is open, else as soon as that is so. */
  openAtHome(view: View): void
  close(view: View): void
  isOpen(view: View): boolean
  /** Whether the first screen lies below `view`, or would; null is what is not shown yet. */
  isAtHome(view: View | null): boolean
  home(): void
  redraw(): void
  shell(): Promise<void>
  /** Shows a story on top of what is there. */
  tell(story: Story): void
}

/** Thrown where the person has left the screen that a story would go on from. */
class Left extends Error {}

/**
 * Somebody in front of a whole screen. A story has one place among the screens: what it shows next stands where the last one
 * stood, so that a second Enter cannot ask twice.
 */
export class Place implements Person {
  readonly api: Api
  readonly machine: MachineState
  readonly #screens: Screens
  #view: View | null = null
  /** What comes next is shown on the first screen when the person has left. */
  #returns: boolean

  /** `waits` when the story opens as soon as nothing but the first screen is open. */
  constructor(screens: Screens, waits: boolean) {
    this.api = screens.api
    this.machine = screens.machine
    this.#screens = screens
    this.#returns = waits
  }

  /** Tells a story here, and what went wrong with it. */
  async tell(story: Story): Promise<void> {
    try {
      await story(this)
    } catch (error) {
      if (error instanceof Left) return
      this.#returns = true
      const back = this.#screens.isAtHome(this.#view) ? 'Back to the menu' : 'Back'
      await this.choose(errorMessage(error, back))
    }
    if (this.#view !== null) this.#screens.close(this.#view)
  }

  /** Shows again what the person left. */
  reopen(): void {
    if (this.#view !== null) this.#screens.open(this.#view)
  }

  choose<T>(question: Question<T>): Promise<T | null> {
    return this.#ask((done) => new ChoiceView(question, done, this.#redraw))
  }

  askText(question: TextQuestion): Promise<string | null> {
    return this.#ask((done) => new TextQuestionView(question, done))
  }

  async look<T>(title: string, text: string, fetch: () => Promise<T>): Promise<T> {
    const view = this.#wait(title, text)
    const [fetched] = await Promise.allSettled([fetch()])
    if (!this.#screens.isOpen(view)) throw new Left()
    if (fetched.status === 'rejected') throw fetched.reason
    return fetched.value
  }

  perform<T>(title: string, act: () => Promise<T>): Promise<T> {
    this.#wait(title, 'One moment, please...')
    return act()
  }

  async follow(work: Work): Promise<JobInfo | null> {
    const { title, text } = work
    const { followed } = this.#screens
    const began = Date.now()
    let job: JobInfo | undefined
    const progress = () => ({
      now: spoken(job?.text) || 'Please wait...',
      share: job?.progress ?? null,
      since: Date.parse(job?.startedAt ?? '') || began,
    })
    const leave = () => this.#screens.tell(stopJob(title, () => job?.id))
    this.#show(new ProgressView({ title, text, help: WORK_HELP, progress }, leave, this.#redraw))
    this.#returns = true
    const changed = (now: JobInfo) => {
      job = now
      this.#redraw()
    }
    const accepted = await work.start()
    followed.set(accepted.id, this)
    changed(accepted)
    const ended = await this.api.followJob(accepted.id, changed).finally(() => followed.delete(accepted.id))
    return endOf(this, work, ended)
  }

  async request(title: string, text: string[], ask: () => Promise<void>): Promise<void> {
    const view = new WaitView({ title, text, help: REQUEST_HELP, leaving: 'back to the menu' }, () =>
      this.home(),
    )
    this.home()
    this.#screens.open(view)
    this.#view = view
    this.#returns = true
    await ask()
    // It stays until the machine closes the menu, or the person leaves it.
    this.#view = null
  }

  async openList<L extends List>({ title, looking, load, view }: ListSource<L>): Promise<void> {
    const [list, make] = await this.look(title, looking, () => Promise.all([load(), view?.()]))
    await this.#read((leave) => {
      const context: ListContext<L> = {
        list,
        load,
        open: (story) => this.#screens.tell(story),
        attempt: (act) => act().catch((error) => `That did not work: ${spoken(sentenceOf(error))}`),
        leave,
        redraw: this.#redraw,
      }
      return make?.(context) ?? new ListView(context)
    })
  }

  readLong(text: LongText): Promise<void> {
    return this.#read((leave) => new LongTextView(text, leave, this.#redraw))
  }

  readPage(page: Page): Promise<void> {
    return this.#read((leave) => new PageView(page, leave))
  }

  shell(): Promise<void> {
    return this.#screens.shell()
  }

  home(): void {
    this.#screens.home()
  }

  readonly #redraw = () => this.#screens.redraw()

  /** Leaving this closes it at once, for what is waited for may take long. */
  #wait(title: string, text: string): View {
    const view: View = new WaitView({ title, text: [text], help: LOOK_HELP, leaving: 'back' }, () =>
      this.#screens.close(view),
    )
    this.#show(view)
    return view
  }

  async #read(make: (leave: () => void) => View): Promise<void> {
    await this.#ask<null>((done) => make(() => done(null)))
  }

  #ask<T>(make: (done: (answer: T | null) => void) => View): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<T | null>()
    this.#show(make(resolve))
    return promise
  }

  #show(view: View): void {
    const old = this.#view
    if (old === null || !this.#screens.replace(old, view)) {
      if (this.#returns) this.#screens.openAtHome(view)
      else if (old === null) this.#screens.open(view)
      else throw new Left()
    }
    this.#view = view
  }
}

const LOOK_HELP = ['Deskvisor is looking something up. Esc goes back; nothing is changed by that.']
const WORK_HELP = [
  'Deskvisor is doing what you asked for. You need not do anything; the next screen comes by itself.',
  'Esc asks whether to stop it. What is not finished is put back then. A desktop that was shut down for it starts again.',
]
const REQUEST_HELP = [
  'Deskvisor is doing what you asked for. You need not do anything.',
  'If nothing happens for a minute, press Esc to go back to the menu; the request itself is not taken back.',
]
