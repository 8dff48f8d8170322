import type { TimelineInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { suggested } from '../moments.ts'
import { spokenError } from '../spoken.ts'
import { subjectNow } from '../subject-now.ts'
import type { Subject } from '../system-words.ts'
import type { Key } from '../terminal/keys.ts'
import { sanitize } from '../terminal/sanitize.ts'
import type { Size } from '../terminal/size.ts'
import type { Line } from '../terminal/text.ts'
import type { Body, View } from '../view.ts'
import { goBackView, undoView } from './going-back.ts'
import { circumstances, momentDetails } from './moment-details.ts'
import { describeTimeline, momentKey, timelineKeys } from './moment-keys.ts'
import { TimelineList } from './timeline-list.ts'
import { timelinePage } from './timeline-page.ts'
import { decisionView } from './trying.ts'

/** The moments that were kept of one operating system, to go back to one of them. */
export class TimelineView implements View {
  readonly title: string
  readonly help = [
    'Each line is a moment that was kept: the whole operating system with its programs, settings and files.',
    'Enter on one asks whether to go back to it. That can be undone: what you have now is kept first.',
    '"Known good" means that the desktop started well with it. The one to try first is chosen already.',
    'Press / and type a word, for example a weekday, "update" or a word of a note, to see only such moments.',
  ]
  readonly #subject: Subject
  readonly #desk: Desk
  readonly #list = new TimelineList()
  #timeline: TimelineInfo
  #suggested: string | undefined
  #typing = false
  #fresh = true
  /** What happened last, until the next key. */
  #news = ''

  constructor(subject: Subject, timeline: TimelineInfo, desk: Desk) {
    this.title = `Go back, ${subject.title}`
    this.#subject = subject
    this.#desk = desk
    this.#timeline = timeline
    this.#take(timeline)
  }

  get takesText(): boolean {
    return this.#typing
  }

  keys() {
    return timelineKeys(this.#timeline, this.#typing)
  }

  draw(size: Size): Body {
    const list = (width: number, rows: number) => this.#list.draw(width, rows)
    const details = (width: number, rows: number) => this.#details(width, rows)
    return { lines: timelinePage({ headline: this.#headline(), list, details }, size) }
  }

  #details(width: number, rows: number): Line[] {
    const moment = this.#list.selected
    if (moment === undefined) return []
    const about = circumstances(moment, this.#timeline, this.#suggested)
    return momentDetails(moment, about, width, rows)
  }

  #headline(): string {
    if (this.#typing) return `Only moments with: ${sanitize(this.#list.filter)}_`
    if (this.#news !== '') return this.#news
    if (this.#list.filter !== '') {
      const count = this.#list.moments.length
      return `${count} of ${this.#list.total} moments, those with "${sanitize(this.#list.filter)}"`
    }
    return describeTimeline(this.#timeline)
  }

  onKey(key: Key): void {
    this.#news = ''
    if (this.#typing) this.#type(key)
    else this.#command(key)
    this.#desk.redraw()
  }

  #command(key: Key): void {
    const moment = this.#list.selected
    if (this.#list.move(key)) return
    if (key.name === 'escape') {
      if (this.#list.filter === '') this.#desk.back()
      else this.#list.setFilter('')
    } else if (key.name === 'enter') {
      if (moment !== undefined) this.#openNow((subject) => goBackView(subject, moment, this.#desk))
    } else if (key.name === 'char') this.#letter(key.char)
  }

  #letter(char: string): void {
    const { trying, undo, snapshots } = this.#timeline
    if (char === '/') this.#typing = true
    else if (char === 'q') this.#desk.back()
    else if (char === 'u' && undo !== null) {
      const moment = snapshots.find(({ name }) => name === undo)
      this.#openNow((subject) => undoView(subject, moment, this.#desk))
    } else if (char === 'k' && trying !== null) {
      this.#openNow((subject) => decisionView(subject, trying, snapshots, this.#desk))
    } else {
      momentKey(char, this.#list.selected, this.#subject, this.#desk, (work, news) => this.#ask(work, news))
    }
  }

  /** Opens a question whose words depend on whether the desktop runs. */
  #openNow(question: (subject: Subject) => View): void {
    void this.#desk.openLater('Go back', 'Looking at the desktop...', async () =>
      question(await subjectNow(this.#desk.api, this.#subject)),
    )
  }

  #type(key: Key): void {
    if (key.name === 'enter') this.#typing = false
    else if (key.name === 'escape') {
      this.#typing = false
      this.#list.setFilter('')
    } else if (!this.#list.move(key)) this.#list.type(key)
  }

  /** The moments may have changed under whatever covered this screen. */
  shown(): void {
    if (this.#fresh) this.#fresh = false
    else void this.#ask(async () => {}, '')
  }

  async #ask(work: () => Promise<void>, news: string): Promise<void> {
    try {
      await work()
      this.#take(await this.#desk.api.timeline(this.#subject.name))
      if (news !== '') this.#news = news
    } catch (error) {
      this.#news = `That did not work: ${spokenError(error)}`
    }
    this.#desk.redraw()
  }

  #take(timeline: TimelineInfo): void {
    this.#timeline = timeline
    const start = suggested(timeline)
    this.#suggested = timeline.snapshots[start]?.name
    this.#list.setMoments(timeline.snapshots, start)
  }
}
