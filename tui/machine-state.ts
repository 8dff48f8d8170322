import { type Api, type JobInfo, sentenceOf } from '../orchestrator/api/index.ts'
import type { HomeState } from './screens/home-items.ts'
import { sanitize } from './terminal/sanitize.ts'

/** What the menu knows about the machine, as it was when it was looked at last. */
export class MachineState {
  readonly #api: Api
  #known: HomeState = { status: null, problem: null, jobs: [] }
  #looking = false

  constructor(api: Api) {
    this.#api = api
  }

  get known(): HomeState {
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

  /** Looks for work that is under way, also when another menu or a command began it. */
  async lookForJobs(): Promise<void> {
    const jobs = await runningJobs(this.#api)
    this.#known = { ...this.#known, jobs }
  }
}

/** The state of the machine, or why it cannot be read. */
export async function lookAt(api: Api): Promise<Pick<HomeState, 'status' | 'problem'>> {
  try {
    return { status: await api.status(), problem: null }
  } catch (error) {
    return {
      status: null,
      problem: sanitize(`The state of this computer cannot be read: ${sentenceOf(error)}`),
    }
  }
}

/** Work that is under way, the oldest first; none when nobody can tell, for the menu works without knowing. */
export async function runningJobs(api: Api): Promise<JobInfo[]> {
  const jobs = await api.jobs().catch(() => [])
  return jobs.filter(({ state }) => state === 'running').reverse()
}
