import { type Api, type JobInfo, type Status, sentenceOf } from '../orchestrator/api/contract.ts'
import { sanitize } from './terminal/sanitize.ts'

/** `jobs` are those that run; `problem` says why the state cannot be read. */
export type Known = { status: Status | null; problem: string | null; jobs: JobInfo[] }

/** What the menu knows about the machine, as it was when it was looked at last. */
export class MachineState {
  readonly #api: Api
  #known: Known = { status: null, problem: null, jobs: [] }
  #looking = false

  constructor(api: Api) {
    this.#api = api
  }

  get known(): Known {
    return this.#known
  }

  /** Reads the state; never two at a time. False when somebody else is at it. */
  async look(): Promise<boolean> {
    if (this.#looking) return false
    this.#looking = true
    const seen = await lookAt(this.#api)
    this.#known = { ...this.#known, ...seen, status: seen.status ?? this.#known.status }
    this.#looking = false
    return true
  }

  /** Looks for work that is under way, also when another menu or a command began it; the oldest first. */
  async lookForJobs(): Promise<void> {
    // None when nobody can tell, for the menu works without knowing.
    const jobs = await this.#api.jobs().catch(() => [])
    this.#known = { ...this.#known, jobs: jobs.filter(({ state }) => state === 'running').reverse() }
  }

  /** The state that was read last or, when none was yet, the one that there is. Throws when it cannot be read. */
  async status(): Promise<Status> {
    return this.#known.status ?? (await this.#api.status())
  }
}

/** The state of the machine, or why it cannot be read. */
async function lookAt(api: Api): Promise<Pick<Known, 'status' | 'problem'>> {
  try {
    return { status: await api.status(), problem: null }
  } catch (error) {
    return {
      status: null,
      problem: sanitize(`The state of this computer cannot be read: ${sentenceOf(error)}`),
    }
  }
}
