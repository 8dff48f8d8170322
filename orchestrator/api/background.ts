/**
 * Work that nobody follows as a job. As long as it goes on, the daemon stays and listens: one that had stopped listening
 * and still worked would keep systemd from starting the next, and whoever connects would wait for it.
 */
export class Background {
  readonly #running = new Map<string, { controller: AbortController; ended: Promise<void> }>()

  get busy(): boolean {
    return this.#running.size > 0
  }

  /** Begins unless work of this key goes on already. The work sees to its own errors. */
  start(key: string, work: (signal: AbortSignal) => Promise<unknown>): void {
    if (this.#running.has(key)) return
    const controller = new AbortController()
    const end = () => void this.#running.delete(key)
    this.#running.set(key, { controller, ended: work(controller.signal).then(end, end) })
  }

  /** Asks all of it to end, and resolves when it has. */
  async endAll(): Promise<void> {
    const running = [...this.#running.values()]
    for (const { controller } of running) controller.abort()
    await Promise.all(running.map(({ ended }) => ended))
  }
}
