/**
 * Runs what belongs to one key one after the other, in the order of asking; different keys do not wait for each other.
 * (Other processes are kept away by the locks of the store.)
 */
export class Queue {
  readonly #tails = new Map<string, Promise<void>>()

  /** Rejects with the signal's reason when that comes while waiting; once begun, the work looks at its own signal. */
  async run<T>(key: string, work: () => Promise<T> | T, signal?: AbortSignal): Promise<T> {
    const before = this.#tails.get(key)
    const { promise: done, resolve: release } = Promise.withResolvers<void>()
    const tail = before ? before.then(() => done) : done
    this.#tails.set(key, tail)
    try {
      if (before) await orAborted(before, signal)
      return await work()
    } finally {
      release()
      tail.then(() => {
        if (this.#tails.get(key) === tail) this.#tails.delete(key)
      })
    }
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    })
  })
}
