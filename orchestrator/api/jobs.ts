import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { interruption } from '../cartridges/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import type { JobInfo } from './contract/job.ts'
import type { DaemonLog } from './daemon-log.ts'
import { failureOf } from './failure.ts'
import { listJobRecords, maxEnded, readJobRecord, sweepJobRecords, writeJobRecord } from './job-record.ts'

/** What the work of a job gets: a way to tell how it goes, and to hear that it should end. */
export type JobContext = {
  say(text: string): void
  progress(done: number, total: number): void
  signal: AbortSignal
}

export type Work = (context: JobContext) => Promise<unknown>

/** What is done, in plain words, and the snapshot that they name. */
export type Title = string | Pick<JobInfo, 'title' | 'snapshot'>

type Running = {
  info: JobInfo
  listeners: Set<(job: JobInfo) => void>
  controller: AbortController
  recordedAt: number
}

/** Milliseconds between two records of a job that only moved on. */
const recordEveryMs = 500

/** Long work of this process; its records tell other processes. */
export class Jobs {
  readonly #machine: Machine
  readonly #log: DaemonLog | null
  readonly #running = new Map<string, Running>()
  /** Ended jobs of which there is no record, because it could not be written. */
  readonly #unrecorded = new Map<string, JobInfo>()
  #done: Promise<unknown> = Promise.resolve()

  constructor(machine: Machine, log: DaemonLog | null = null) {
    this.#machine = machine
    this.#log = log
  }

  /** Begins at once and returns the job as accepted. What the work throws ends up in the job, never here. */
  start(kind: string, about: Title, work: Work): JobInfo {
    sweepJobRecords(this.#machine)
    const running: Running = {
      info: {
        id: randomUUID(),
        kind,
        ...(typeof about === 'string' ? { title: about } : about),
        state: 'running',
        progress: null,
        text: 'Waiting for its turn.',
        startedAt: new Date().toISOString(),
        endedAt: null,
        result: null,
        error: null,
      },
      listeners: new Set(),
      controller: new AbortController(),
      recordedAt: 0,
    }
    this.#running.set(running.info.id, running)
    this.#change(running, {}, 'now')
    const ended = this.#carryOut(running, work)
    this.#done = Promise.all([this.#done, ended])
    return { ...running.info }
  }

  get busy(): boolean {
    return this.#running.size > 0
  }

  /** Asks every job to end, because this process has to, and resolves when all have. */
  async endAll(): Promise<void> {
    for (const { controller } of this.#running.values()) controller.abort(interruption())
    await this.#done
  }

  get(id: string): JobInfo {
    const job = this.#running.get(id)?.info ?? this.#unrecorded.get(id) ?? readJobRecord(this.#machine, id)
    if (job) return { ...job }
    throw new DeskvisorError('no-such-job', 'There is no such job; it may have been forgotten.')
  }

  list(): JobInfo[] {
    const own = [...[...this.#running.values()].map(({ info }) => info), ...this.#unrecorded.values()]
    const ids = new Set(own.map(({ id }) => id))
    const recorded = listJobRecords(this.#machine).filter(({ id }) => !ids.has(id))
    return [...own, ...recorded].sort((one, other) => other.startedAt.localeCompare(one.startedAt))
  }

  cancel(id: string): JobInfo {
    const running = this.#running.get(id)
    if (running) {
      running.controller.abort()
      this.#change(running, { text: 'It is being cancelled.' }, 'now')
    } else if (this.get(id).state === 'running') {
      throw new DeskvisorError('job-elsewhere', 'Another program does this work; it has to be ended there.')
    }
    return this.get(id)
  }

  /** See Api.followJob. */
  async follow(id: string, onChange: (job: JobInfo) => void, signal?: AbortSignal): Promise<JobInfo> {
    const running = this.#running.get(id)
    if (!running) return this.#followRecord(id, onChange, signal)
    onChange({ ...running.info })
    return new Promise((resolve, reject) => {
      const stop = () => {
        running.listeners.delete(listen)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        stop()
        reject(signal?.reason)
      }
      const listen = (job: JobInfo) => {
        onChange(job)
        if (job.state === 'running') return
        stop()
        resolve(job)
      }
      if (signal?.aborted) return reject(signal.reason)
      signal?.addEventListener('abort', abort, { once: true })
      running.listeners.add(listen)
    })
  }

  /** A job of another process: its record is read again and again. */
  async #followRecord(
    id: string,
    onChange: (job: JobInfo) => void,
    signal: AbortSignal | undefined,
  ): Promise<JobInfo> {
    for (let last = ''; ; await sleep(recordEveryMs, undefined, { signal })) {
      const job = this.get(id)
      if (JSON.stringify(job) !== last) onChange(job)
      last = JSON.stringify(job)
      if (job.state !== 'running') return job
    }
  }

  async #carryOut(running: Running, work: Work): Promise<void> {
    const { signal } = running.controller
    const context: JobContext = {
      // After the wish to cancel, that is what the text says.
      say: (text) => this.#change(running, signal.aborted ? {} : { text, progress: null }, 'now'),
      progress: (done, total) =>
        this.#change(running, { progress: total > 0 ? Math.min(1, Math.max(0, done / total)) : null }),
      signal,
    }
    // The caller has the job before it can change.
    await Promise.resolve()
    try {
      const result = (await work(context)) ?? null
      this.#change(running, { state: 'done', progress: 1, text: 'Done.', result }, 'end')
    } catch (error) {
      this.#change(running, endOf(error, signal), 'end')
    }
  }

  #tell({ id, kind, title, state, error }: JobInfo): void {
    const about = { operation: kind, job: id }
    if (error === null) this.#log?.info(about, `${title}: ${state}.`)
    else this.#log?.error(about, `${title}: ${error.message}`)
  }

  #remember(ended: JobInfo): void {
    this.#unrecorded.set(ended.id, ended)
    const [oldest] = this.#unrecorded.keys()
    if (this.#unrecorded.size > maxEnded && oldest !== undefined) this.#unrecorded.delete(oldest)
  }

  #change(running: Running, change: Partial<JobInfo>, record?: 'now' | 'end'): void {
    running.info = { ...running.info, ...change }
    if (record === 'end') {
      running.info.endedAt = new Date().toISOString()
      this.#running.delete(running.info.id)
      this.#tell(running.info)
    }
    const now = this.#machine.clock.monotonicMs()
    if (record || now - running.recordedAt > recordEveryMs) {
      running.recordedAt = now
      const isRecorded = writeJobRecord(this.#machine, running.info)
      if (record === 'end' && !isRecorded) this.#remember(running.info)
    }
    for (const listener of [...running.listeners]) listener({ ...running.info })
  }
}

/** Work that was asked to end says so in its own words at most; what a room has to tell beyond that is kept. */
function endOf(error: unknown, signal: AbortSignal): Partial<JobInfo> {
  const failure = failureOf(error)
  const interrupted = error instanceof DeskvisorError && error.code === 'interrupted'
  if (!signal.aborted || interrupted) return { state: 'failed', text: failure.message, error: failure }
  const more = error instanceof DeskvisorError && error.code !== 'cancelled' ? failure : null
  return { state: 'cancelled', text: 'It was cancelled.', error: more }
}
