import type { Api, JobInfo } from '../../orchestrator/api/index.ts'
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
import { spoken, spokenError } from '../spoken.ts'
import { ChoiceView } from '../views/choice.ts'
import { ListView } from '../views/list.ts'
import { LongTextView } from '../views/long-text.ts'
import { PageView } from '../views/page.ts'
import { ProgressView } from '../views/progress.ts'
import { TextQuestionView } from '../views/text-question.ts'
import type { View } from '../views/view.ts'
import { WaitView } from '../views/wait.ts'
import { errorMessage } from './error.ts'
import { Left, type Screens, Slot } from './slot.ts'
import { stopJob } from './stop-job.ts'

/** What the place of a story needs of the app. */
export type Menu = Screens & {
  readonly api: Api
  readonly machine: MachineState
  /** Places of the work that this menu follows, by the id of the job; on the screen or not. */
  readonly followed: Map<string, Place>
  shell(): Promise<void>
  /** Shows a story on top of what is there. */
  tell(story: Story): void
}

/** Somebody in front of a whole screen, where a story has one place among the screens. */
export class Place implements Person {
  readonly api: Api
  readonly machine: MachineState
  readonly #menu: Menu
  readonly #slot: Slot

  /** `waits` when the story opens as soon as nothing but the first screen is open. */
  constructor(menu: Menu, waits: boolean) {
    this.api = menu.api
    this.machine = menu.machine
    this.#menu = menu
    this.#slot = new Slot(menu, waits)
  }

  /** Tells a story here, and what went wrong with it. */
  async tell(story: Story): Promise<void> {
    try {
      await story(this)
    } catch (error) {
      if (error instanceof Left) return
      this.#slot.returns()
      await this.choose(errorMessage(error, this.#slot.isAtHome ? 'Back to the menu' : 'Back'))
    }
    this.#slot.close()
  }

  /** Shows again what the person left. */
  reopen(): void {
    this.#slot.reopen()
  }

  choose<T>(question: Question<T>): Promise<T | null> {
    return this.#slot.ask((done) => new ChoiceView(question, done, this.#redraw))
  }

  askText(question: TextQuestion): Promise<string | null> {
    return this.#slot.ask((done) => new TextQuestionView(question, done))
  }

  async look<T>(title: string, text: string, fetch: () => Promise<T>): Promise<T> {
    const view = this.#wait(title, text)
    const [fetched] = await Promise.allSettled([fetch()])
    if (!this.#menu.isOpen(view)) throw new Left()
    if (fetched.status === 'rejected') throw fetched.reason
    return fetched.value
  }

  perform<T>(title: string, act: () => Promise<T>): Promise<T> {
    this.#wait(title, 'One moment, please...')
    return act()
  }

  async follow(work: Work): Promise<JobInfo | null> {
    const { title, text } = work
    const { followed } = this.#menu
    const began = Date.now()
    let job: JobInfo | undefined
    const progress = () => ({
      now: spoken(job?.text, job?.snapshot) || 'Please wait...',
      share: job?.progress ?? null,
      since: Date.parse(job?.startedAt ?? '') || began,
    })
    const leave = () => this.#menu.tell(stopJob(title, () => job?.id))
    this.#slot.show(new ProgressView({ title, text, help: WORK_HELP, progress }, leave, this.#redraw))
    this.#slot.returns()
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
    const leave = () => this.home()
    this.home()
    this.#slot.release()
    this.#slot.show(new WaitView({ title, text, help: REQUEST_HELP, leaving: 'back to the menu' }, leave))
    this.#slot.returns()
    await ask()
    // It stays until the machine closes the menu, or the person leaves it.
    this.#slot.release()
  }

  async openList<L extends List>({ title, looking, load, view }: ListSource<L>): Promise<void> {
    const [list, make] = await this.look(title, looking, () => Promise.all([load(), view?.()]))
    await this.#read((leave) => {
      const context: ListContext<L> = {
        list,
        load,
        open: (story) => this.#menu.tell(story),
        attempt: (act) => act().catch((error) => `That did not work: ${spokenError(error)}`),
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
    return this.#menu.shell()
  }

  home(): void {
    this.#menu.home()
  }

  readonly #redraw = () => this.#menu.redraw()

  /** Leaving this closes it at once, for what is waited for may take long. */
  #wait(title: string, text: string): View {
    const leave = () => this.#menu.close(view)
    const view: View = new WaitView({ title, text: [text], help: LOOK_HELP, leaving: 'back' }, leave)
    this.#slot.show(view)
    return view
  }

  /** What is left is closed before the next key, which may have come with the same bytes. */
  async #read(make: (leave: () => void) => View): Promise<void> {
    await this.#slot.ask<null>((done) =>
      make(() => {
        this.#slot.close()
        done(null)
      }),
    )
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
