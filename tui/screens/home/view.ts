import type { JobInfo } from '../../../orchestrator/api/contract.ts'
import type { Known } from '../../machine-state.ts'
import type { Key } from '../../terminal/keys.ts'
import type { Size } from '../../terminal/size.ts'
import type { Body, View } from '../../views/view.ts'
import { type Motion, moved } from '../../widgets/scrolled.ts'
import { HOME_ITEMS, type HomeAction, likelyAction } from './items.ts'
import { drawHome, firstSentence } from './page.ts'

/** What the first screen asks of the menu. */
export type HomeContext = {
  state: () => Known
  run: (action: HomeAction) => void
  /** Shows how work goes that is under way. */
  follow: (job: JobInfo) => void
  lookForJobs: () => void
}

/** The first screen: why the menu is shown, what machine this is, and what can be done. */
export class HomeView implements View {
  readonly title = ''
  readonly #context: HomeContext
  #selected = 0
  #chosen = false

  constructor(context: HomeContext) {
    this.#context = context
  }

  get help(): string[] {
    return [
      'From here you start the desktop, go back to a moment when it worked, or find out why it did not start.',
      `You see this menu for this reason: ${firstSentence(this.#context.state())}`,
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
    const state = this.#context.state()
    if (!this.#chosen && state.status !== null) {
      this.#chosen = true
      const likely = likelyAction(state.status)
      this.#selected = HOME_ITEMS.findIndex(({ action }) => action === likely)
    }
    this.#selected = Math.min(this.#selected, this.#count - 1)
    return { lines: drawHome(state, this.#selected, size) }
  }

  move(motion: Motion): void {
    // The bar never moves by itself under somebody's fingers.
    this.#chosen = true
    this.#selected = moved(motion, this.#selected, this.#count - 1, this.#count)
  }

  onKey(key: Key): void {
    this.#chosen = true
    if (key.name === 'enter') this.#pick(this.#selected)
    const digit = key.name === 'char' && /^[1-9]$/.test(key.char) ? Number(key.char) : 0
    if (digit > 0 && digit <= this.#count) this.#pick(digit - 1)
  }

  /** Work was begun or ended, perhaps, by what covered this screen. */
  shown(): void {
    this.#context.lookForJobs()
  }

  #pick(index: number): void {
    this.#selected = index
    const item = HOME_ITEMS[index]
    const job = this.#context.state().jobs[index - HOME_ITEMS.length]
    if (item !== undefined) this.#context.run(item.action)
    else if (job !== undefined) this.#context.follow(job)
  }

  get #count(): number {
    return HOME_ITEMS.length + this.#context.state().jobs.length
  }
}
