import type { JobInfo } from '../../orchestrator/api/index.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import type { Body, View } from '../view.ts'
import { HOME_ITEMS, type HomeAction, type HomeState, likelyAction } from './home-items.ts'
import { drawHome, firstSentence } from './home-page.ts'

/** What the first screen asks of the menu. */
export type HomeDesk = {
  state: () => HomeState
  run: (action: HomeAction) => void
  /** Shows how work goes that is under way. */
  follow: (job: JobInfo) => void
  redraw: () => void
  lookForJobs: () => void
}

/** The first screen: why the menu is shown, what machine this is, and what can be done. */
export class HomeView implements View {
  readonly title = ''
  readonly #state: () => HomeState
  readonly #run: (action: HomeAction) => void
  readonly #follow: (job: JobInfo) => void
  readonly #redraw: () => void
  readonly #lookForJobs: () => void
  #selected = 0
  #chosen = false

  constructor({ state, run, follow, redraw, lookForJobs }: HomeDesk) {
    this.#state = state
    this.#run = run
    this.#follow = follow
    this.#redraw = redraw
    this.#lookForJobs = lookForJobs
  }

  get help(): string[] {
    return [
      'From here you start the desktop, go back to a moment when it worked, or find out why it did not start.',
      `You see this menu for this reason: ${firstSentence(this.#state())}`,
      'Nothing on this screen changes your files. "Start the desktop" is always safe to try, and going back can be undone.',
    ]
  }

  keys() {
    return [
      { key: 'Up/Down', does: 'choose' },
      { key: 'Enter', does: 'open' },
      { key: '?', does: 'help' },
      { key: `1-${Math.min(9, this.#count)}`, does: 'pick' },
      { key: 'Ctrl-L', does: 'redraw' },
    ]
  }

  draw(size: Size): Body {
    const { status } = this.#state()
    if (!this.#chosen && status !== null) {
      this.#chosen = true
      this.#selected = HOME_ITEMS.findIndex(({ action }) => action === likelyAction(status))
    }
    this.#selected = Math.min(this.#selected, this.#count - 1)
    return { lines: drawHome(this.#state(), this.#selected, size) }
  }

  onKey(key: Key): void {
    const count = this.#count
    // The bar never moves by itself under somebody's fingers.
    this.#chosen = true
    if (key.name === 'enter') {
      this.#pick(this.#selected)
      return
    }
    if (key.name === 'char') {
      if (/^[1-9]$/.test(key.char) && Number(key.char) <= count) this.#pick(Number(key.char) - 1)
      return
    }
    const target = {
      up: this.#selected - 1,
      backtab: (this.#selected + count - 1) % count,
      down: this.#selected + 1,
      tab: (this.#selected + 1) % count,
      home: 0,
      end: count - 1,
    }[key.name as string]
    if (target === undefined) return
    this.#selected = Math.max(0, Math.min(target, count - 1))
    this.#redraw()
  }

  /** Work was begun or ended, perhaps, by what covered this screen. */
  shown(): void {
    this.#lookForJobs()
  }

  #pick(index: number): void {
    this.#selected = index
    const item = HOME_ITEMS[index]
    const job = this.#state().jobs[index - HOME_ITEMS.length]
    if (item !== undefined) this.#run(item.action)
    else if (job !== undefined) this.#follow(job)
  }

  get #count(): number {
    return HOME_ITEMS.length + this.#state().jobs.length
  }
}
