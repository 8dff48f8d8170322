import type { Api, JobInfo } from '../../orchestrator/api/index.ts'
import { type Known, MachineState } from '../machine-state.ts'
import type { Story } from '../person.ts'
import { followStory, STORIES } from '../screens/home/stories.ts'
import { HomeView } from '../screens/home/view.ts'
import type { Scroll } from '../terminal/canvas.ts'
import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Size } from '../terminal/size.ts'
import type { Line } from '../terminal/text.ts'
import { HelpView } from '../views/help.ts'
import { press } from '../views/press.ts'
import type { View } from '../views/view.ts'
import { keyBar } from '../widgets/key-bar.ts'
import { titleBar } from '../widgets/title-bar.ts'
import { type Menu, Place } from './place.ts'
import { ViewStack } from './stack.ts'

/** What the app needs of the outside: cells to draw on, and a way to lend the terminal to a shell. */
export type Surface = {
  size(): Size
  paint(lines: Line[], scroll?: Scroll): void
  reset(): void
  shell(): Promise<void>
}

/** The menu on a whole screen: a stack of screens, and the machine's state. */
export class App implements Menu {
  readonly api: Api
  readonly machine: MachineState
  readonly followed = new Map<string, Place>()
  readonly #surface: Surface
  readonly #views: ViewStack

  constructor(api: Api, surface: Surface) {
    this.api = api
    this.#surface = surface
    this.machine = new MachineState(api)
    const home = new HomeView({
      state: () => this.#known,
      run: (action) => this.tell(STORIES[action]),
      follow: (job) => this.#follow(job),
      lookForJobs: () => void this.refreshJobs(),
    })
    this.#views = new ViewStack(home)
  }

  get #known(): Known {
    return this.machine.known
  }

  shell(): Promise<void> {
    return this.#surface.shell()
  }

  tell(story: Story): void {
    void new Place(this, false).tell(story)
  }

  /** The same as soon as nothing but the first screen is open. */
  tellAtHome(story: Story): void {
    void new Place(this, true).tell(story)
  }

  open(view: View): void {
    this.#views.push(view)
    this.redraw()
  }

  openAtHome(view: View): void {
    this.#views.pushAtFirst(view)
    this.redraw()
  }

  replace(old: View, view: View): boolean {
    const replaced = this.#views.replace(old, view)
    if (replaced) this.redraw()
    return replaced
  }

  close(view: View): void {
    this.#views.close(view)
    this.redraw()
  }

  isOpen(view: View): boolean {
    return this.#views.isOpen(view)
  }

  isAtHome(view: View | null): boolean {
    return this.#views.isAtFirst(view)
  }

  home(): void {
    this.#views.clear()
    this.redraw()
  }

  /** Nobody sees it any more. */
  end(): void {
    this.#views.end()
  }

  redraw(): void {
    const { rows, columns } = this.#surface.size()
    const view = this.#views.top
    const bodyRows = Math.max(1, rows - 2)
    const { lines, scroll } = view.draw({ rows: bodyRows, columns })
    const body = Array.from({ length: bodyRows }, (_, row) => lines[row] ?? [])
    const title = view.title === '' ? 'Deskvisor recovery' : `Deskvisor recovery: ${view.title}`
    const frame = [titleBar(title, this.#version(), columns), ...body, keyBar(view.keys(), columns - 1)]
    // The title bar moves the body down by one row.
    this.#surface.paint(frame, scroll && { ...scroll, top: scroll.top + 1, bottom: scroll.bottom + 1 })
  }

  onKey(key: Key): void {
    const view = this.#views.top
    view.touched?.()
    const asksHelp = key.name === 'f1' || (key.name === 'char' && key.char === '?' && view.takesText !== true)
    if (key.name === 'ctrl-l') this.#surface.reset()
    else if (!asksHelp) press(view, key)
    else if (!(view instanceof HelpView)) {
      const help = new HelpView(view, () => this.close(help))
      this.#views.push(help)
    }
    this.redraw()
  }

  /** Reads the machine's state and draws when it arrived. */
  async refresh(): Promise<void> {
    if (await this.machine.look()) this.redraw()
  }

  /** The same for work that is under way. */
  async refreshJobs(): Promise<void> {
    await this.machine.lookForJobs()
    this.redraw()
  }

  /** Shows how work goes that is under way: the screen that this menu has of it, else a new one. */
  #follow(job: JobInfo): void {
    const place = this.followed.get(job.id)
    if (place === undefined) this.tell(followStory(job))
    else place.reopen()
  }

  #version(): string {
    const { status } = this.#known
    return status === null ? '' : sanitize(status.version).slice(0, 20)
  }
}
