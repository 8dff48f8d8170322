import type { View } from '../views/view.ts'

/** What can be done with the screens that are open. */
export type Screens = {
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
}

/** Thrown where the person has left the screen that a story would go on from. */
export class Left extends Error {}

/** One place among the screens: what is shown there next stands where the last one stood, so that a second Enter cannot ask twice. */
export class Slot {
  readonly #screens: Screens
  #view: View | null = null
  /** What comes next is shown on the first screen when the person has left. */
  #returns: boolean

  /** `waits` when it opens as soon as nothing but the first screen is open. */
  constructor(screens: Screens, waits: boolean) {
    this.#screens = screens
    this.#returns = waits
  }

  get isAtHome(): boolean {
    return this.#screens.isAtHome(this.#view)
  }

  /** Throws Left when the person has left, unless it returns. */
  show(view: View): void {
    const old = this.#view
    if (old === null || !this.#screens.replace(old, view)) {
      if (this.#returns) this.#screens.openAtHome(view)
      else if (old === null) this.#screens.open(view)
      else throw new Left()
    }
    this.#view = view
  }

  /** Shows a view that is made with what hears of its answer, and resolves with that. */
  ask<T>(make: (done: (answer: T | null) => void) => View): Promise<T | null> {
    const { promise, resolve } = Promise.withResolvers<T | null>()
    this.show(make(resolve))
    return promise
  }

  /** From now on the person is told also when they have left. */
  returns(): void {
    this.#returns = true
  }

  /** Shows again what the person left. */
  reopen(): void {
    if (this.#view !== null) this.#screens.open(this.#view)
  }

  /** Leaves what it shows to the person, and begins anew. */
  release(): void {
    this.#view = null
    this.#returns = false
  }

  close(): void {
    if (this.#view !== null) this.#screens.close(this.#view)
  }
}
