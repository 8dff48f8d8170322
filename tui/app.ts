import type { Api } from '../orchestrator/api/index.ts'
import { ACTIONS, followJob } from './actions.ts'
import type { Desk } from './desk.ts'
import { MachineState } from './machine-state.ts'
import { errorView } from './screens/error.ts'
import { HelpView } from './screens/help.ts'
import { HomeView } from './screens/home.ts'
import type { HomeState } from './screens/home-items.ts'
import { ProgressView } from './screens/progress.ts'
import { WaitView } from './screens/wait.ts'
import { ViewStack } from './stack.ts'
import type { Scroll } from './terminal/canvas.ts'
import type { Key } from './terminal/keys.ts'
import { sanitize } from './terminal/sanitize.ts'
import type { Size } from './terminal/size.ts'
import type { Line } from './terminal/text.ts'
import type { View } from './view.ts'
import { keyBar } from './widgets/key-bar.ts'
import { titleBar } from './widgets/title-bar.ts'

/** What the app needs of the outside: cells to draw on, and a way to lend the terminal to a shell. */
export type Surface = {
  size(): Size
  paint(lines: Line[], scroll?: Scroll): void
  reset(): void
  shell(): Promise<void>
}

/** The menu: a stack of screens, the machine's state, and what the screens ask for. */
export class App implements Desk {
  readonly api: Api
  readonly followed = new Map<string, View>()
  readonly #surface: Surface
  readonly #views: ViewStack
  readonly #machine: MachineState

  constructor(api: Api, surface: Surface) {
    this.api = api
    this.#surface = surface
    this.#machine = new MachineState(api)
    const home = new HomeView({
      state: () => this.state,
      run: (action) => ACTIONS[action](this),
      follow: (job) => followJob(job, this),
      redraw: () => this.redraw(),
      lookForJobs: () => void this.refreshJobs(),
    })
    this.#views = new ViewStack(home)
  }

  get state(): HomeState {
    return this.#machine.known
  }

  shell(): Promise<void> {
    return this.#surface.shell()
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

  back(): void {
    this.#views.pop()
    this.redraw()
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
    if (key.name === 'ctrl-l') {
      this.#surface.reset()
      this.redraw()
      return
    }
    const asksHelp = key.name === 'f1' || (key.name === 'char' && key.char === '?' && view.takesText !== true)
    if (asksHelp && !(view instanceof HelpView)) {
      this.open(new HelpView(view, this))
      return
    }
    view.onKey(key)
  }

  /** Reads the machine's state and draws when it arrived. */
  async refresh(): Promise<void> {
    if (await this.#machine.look()) this.redraw()
  }

  /** The same for work that is under way. */
  async refreshJobs(): Promise<void> {
    await this.#machine.lookForJobs()
    this.redraw()
  }

  #version(): string {
    const { status } = this.state
    return status === null ? '' : sanitize(status.version).slice(0, 20)
  }

  async request(title: string, text: string[], ask: () => Promise<void>): Promise<void> {
    this.home()
    const progress = new ProgressView(title, text, this)
    this.open(progress)
    try {
      await ask()
    } catch (error) {
      const problem = errorView(error, this)
      if (!this.replace(progress, problem)) this.openAtHome(problem)
    }
  }

  async openLater(title: string, text: string, make: () => Promise<View>): Promise<void> {
    const wait = new WaitView(title, text, this)
    this.open(wait)
    const view = await make().catch((error) => errorView(error, this))
    this.replace(wait, view)
  }
}
