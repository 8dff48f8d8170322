import type { Command, ListContext } from '../../person.ts'
import { suggested } from '../../snapshots.ts'
import type { Key } from '../../terminal/keys.ts'
import { sanitize } from '../../terminal/sanitize.ts'
import type { Size } from '../../terminal/size.ts'
import type { Line } from '../../terminal/text.ts'
import { useCommand } from '../../views/list.ts'
import type { Body, View } from '../../views/view.ts'
import type { KeyHint } from '../../widgets/key-bar.ts'
import type { Motion } from '../../widgets/scrolled.ts'
import { circumstances, snapshotDetails } from './details.ts'
import { TimelineList } from './list.ts'
import type { TimelineModel } from './model.ts'
import { timelinePage } from './page.ts'

/** Keys for the key bar, most important first. */
const KEY_ORDER = 'ukt/npdsg'

/** The snapshots that were kept of one operating system, and what there is to say about the one under the bar. */
export class TimelineView implements View {
  readonly title: string
  readonly help: string[]
  readonly browses = true
  readonly leave: () => void
  readonly #context: ListContext<TimelineModel>
  readonly #list = new TimelineList()
  #model: TimelineModel
  #suggested: string | undefined
  #typing = false
  #fresh = true
  /** What happened last, until the next key. */
  #news = ''

  constructor(context: ListContext<TimelineModel>) {
    this.title = context.list.title
    this.help = context.list.help
    this.leave = context.leave
    this.#context = context
    this.#model = context.list
    this.#take(context.list)
  }

  get takesText(): boolean {
    return this.#typing
  }

  /** Most important first; where there is no snapshot, only what needs none. */
  keys(): KeyHint[] {
    if (this.#typing) {
      return [
        { key: 'Enter', does: 'keep the words' },
        { key: 'Esc', does: 'show all' },
      ]
    }
    const leave: KeyHint[] = [
      { key: 'Esc', does: 'leave' },
      { key: '?', does: 'all keys' },
    ]
    const commands: KeyHint[] = this.#commands()
    if (this.#model.timeline.snapshots.length === 0) return [...commands, ...leave]
    const more = [...commands, { key: '/', does: 'find' }]
    more.sort((one, other) => KEY_ORDER.indexOf(one.key) - KEY_ORDER.indexOf(other.key))
    return [{ key: 'Enter', does: 'go back' }, ...leave, ...more]
  }

  draw(size: Size): Body {
    const list = (width: number, rows: number) => this.#list.draw(width, rows)
    const details = (width: number, rows: number) => this.#details(width, rows)
    return { lines: timelinePage({ headline: this.#headline(), list, details }, size) }
  }

  move(motion: Motion): void {
    this.#news = ''
    this.#list.move(motion)
  }

  closeInside(): boolean {
    if (!this.#typing && this.#list.filter === '') return false
    this.#news = ''
    this.#typing = false
    this.#list.setFilter('')
    return true
  }

  onKey(key: Key): void {
    this.#news = ''
    const snapshot = this.#list.selected
    if (this.#typing) {
      if (key.name === 'enter') this.#typing = false
      else this.#list.type(key)
    } else if (key.name === 'enter' && snapshot !== undefined) {
      this.#context.open(this.#model.itemOf(snapshot).open)
    } else if (key.name === 'char' && key.char === '/') this.#typing = true
    else if (key.name === 'char') {
      useCommand(this.#commands(), key.char, this.#context, (news) => this.#reload(news))
    }
  }

  /** The snapshots may have changed under whatever covered this screen. */
  shown(): void {
    if (this.#fresh) this.#fresh = false
    else void this.#reload('')
  }

  #commands(): Command[] {
    const snapshot = this.#list.selected
    const more = snapshot === undefined ? [] : (this.#model.itemOf(snapshot).commands ?? [])
    return [...(this.#model.commands ?? []), ...more]
  }

  #details(width: number, rows: number): Line[] {
    const snapshot = this.#list.selected
    if (snapshot === undefined) return []
    const about = circumstances(snapshot, this.#model.timeline, this.#suggested)
    return snapshotDetails(snapshot, about, width, rows)
  }

  #headline(): string {
    if (this.#typing) return `Only moments with: ${sanitize(this.#list.filter)}_`
    if (this.#news !== '') return this.#news
    if (this.#list.filter !== '') {
      const count = this.#list.snapshots.length
      return `${count} of ${this.#list.total} moments, those with "${sanitize(this.#list.filter)}"`
    }
    return this.#model.headline
  }

  async #reload(news: string): Promise<void> {
    const failure = await this.#context.attempt(async () => {
      this.#take(await this.#context.load())
      return ''
    })
    if (failure !== '' || news !== '') this.#news = failure || news
    this.#context.redraw()
  }

  #take(model: TimelineModel): void {
    const { snapshots } = model.timeline
    const start = suggested(model.timeline)
    this.#model = model
    this.#suggested = snapshots[start]?.name
    this.#list.setSnapshots(snapshots, start)
  }
}
