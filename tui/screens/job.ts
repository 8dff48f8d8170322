import { DeskvisorError, errorOf, type JobInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { spoken } from '../spoken.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../terminal/text.ts'
import type { Body, View } from '../view.ts'
import { DIALOG_WIDTH } from '../widgets/dialog.ts'
import { progressBar } from '../widgets/progress-bar.ts'
import { messageView } from './confirm.ts'
import { errorView } from './error.ts'
import { stopQuestion } from './stop-job.ts'

export type Work = {
  title: string
  /** What is done, before the machine says more. */
  text: string
  start: () => Promise<JobInfo>
  /** The screen that comes when it is done. */
  done: (job: JobInfo) => View | Promise<View>
  /** The screen for a failure that has an answer; null shows the error. */
  failed?: (error: DeskvisorError) => View | null
  /** What is said after the person stopped it. */
  stopped: string
}

/** Long work and how far it is. It goes on when the person leaves; how it ended is said then on the first screen. */
export class JobView implements View {
  readonly title: string
  readonly help = [
    'Deskvisor is doing what you asked for. You need not do anything; the next screen comes by itself.',
    'Esc asks whether to stop it. What is not finished is put back then. A desktop that was shut down for it starts again.',
  ]
  readonly #work: Work
  readonly #desk: Desk
  #began = Date.now()
  #job: JobInfo | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(work: Work, desk: Desk) {
    this.title = work.title
    this.#work = work
    this.#desk = desk
    void this.#run()
  }

  keys() {
    return [
      { key: 'Esc', does: 'stop' },
      { key: '?', does: 'help' },
    ]
  }

  draw({ rows, columns }: Size): Body {
    const width = Math.max(1, Math.min(columns - 2, DIALOG_WIDTH))
    const left = Math.floor((columns - width) / 2)
    const now = wrap(spoken(this.#job?.text, this.#job?.moment) || 'Please wait...', width, 3)
    const lines: Line[] = [
      ...wrap(this.#work.text, width, 3).map((row) => line(row, 'strong')),
      [],
      ...now.map((row) => line(row)),
      progressBar(this.#job?.progress ?? null, width),
      line(clip(lasted(Date.now() - this.#began), width), 'label'),
    ]
    const above = Math.max(0, Math.floor((rows - lines.length) / 3))
    return { lines: [...Array.from({ length: above }, () => []), ...lines.map((each) => indent(left, each))] }
  }

  onKey(key: Key): void {
    if (key.name !== 'escape' && !(key.name === 'char' && key.char === 'c')) return
    this.#desk.open(stopQuestion(this.title, () => this.#job?.id, this.#desk))
  }

  shown(): void {
    this.#timer ??= setInterval(() => this.#desk.redraw(), 1000)
  }

  gone(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #run(): Promise<void> {
    const { api, followed } = this.#desk
    try {
      const { id, startedAt } = await this.#accepted()
      followed.set(id, this)
      this.#began = Date.parse(startedAt) || this.#began
      this.#desk.redraw()
      const job = await api
        .followJob(id, (changed) => this.#changed(changed))
        .finally(() => followed.delete(id))
      this.#end(await this.#screenFor(job))
    } catch (error) {
      this.#end(this.#screenForError(error))
    }
  }

  async #accepted(): Promise<JobInfo> {
    this.#job = await this.#work.start()
    return this.#job
  }

  #changed(job: JobInfo): void {
    this.#job = job
    this.#desk.redraw()
  }

  #screenFor(job: JobInfo): View | Promise<View> {
    if (job.state === 'done') return this.#work.done(job)
    if (job.state === 'cancelled') {
      return messageView({ title: this.title, text: ['Stopped.', this.#work.stopped] }, this.#desk)
    }
    return this.#screenForError(errorOf(job.error))
  }

  #screenForError(error: unknown): View {
    const answer = error instanceof DeskvisorError ? this.#work.failed?.(error) : null
    return answer ?? errorView(error, this.#desk, () => this.#desk.back())
  }

  #end(screen: View): void {
    if (!this.#desk.replace(this, screen)) this.#desk.openAtHome(screen)
  }
}

function lasted(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return seconds < 2 ? '' : `For ${clock} minutes now`
}
