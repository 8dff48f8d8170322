import type { View } from '../views/view.ts'

/** The screens that are open, the first one always among them. Tells screens when they come on top and when they are closed. */
export class ViewStack {
  readonly #first: View
  readonly #waiting: View[] = []
  #views: View[]
  #ended = false

  constructor(first: View) {
    this.#first = first
    this.#views = [first]
  }

  get top(): View {
    return this.#views.at(-1) ?? this.#first
  }

  isOpen(view: View): boolean {
    return this.#views.includes(view)
  }

  /** Whether the first screen lies below `view`, or would; null is what is not shown yet. */
  isAtFirst(view: View | null): boolean {
    return view === null ? this.#views.length === 1 : this.#views.indexOf(view) < 2
  }

  push(view: View): void {
    if (this.#ended) return
    this.#views.push(view)
    view.shown?.()
  }

  /** Closes `view` and everything above; nothing when it is not open, and never the first screen. */
  close(view: View): void {
    const index = this.#views.indexOf(view)
    if (index < 1) return
    this.#closeFrom(index)
    this.#uncovered()
  }

  clear(): void {
    this.#closeFrom(1)
    this.#uncovered()
  }

  /** Closes all screens for good: none counts down any more, and none opens when work has ended. */
  end(): void {
    this.#ended = true
    this.#closeFrom(1)
  }

  /** Puts `view` where `old` is and closes everything above; false when `old` is not open. */
  replace(old: View, view: View): boolean {
    const index = this.#views.indexOf(old)
    if (index < 1) return false
    this.#closeFrom(index)
    this.push(view)
    return true
  }

  /** Opens `view` as soon as only the first screen is open. */
  pushAtFirst(view: View): void {
    if (this.#views.length === 1) this.push(view)
    else this.#waiting.push(view)
  }

  #closeFrom(index: number): void {
    for (const view of this.#views.splice(index).reverse()) view.gone?.()
  }

  #uncovered(): void {
    const next = this.#views.length === 1 ? this.#waiting.shift() : undefined
    if (next === undefined) this.top.shown?.()
    else this.push(next)
  }
}
