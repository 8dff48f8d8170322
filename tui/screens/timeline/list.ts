import type { Snapshot } from '../../../orchestrator/api/index.ts'
import { kindOf, noteOf, rowsOf, searchText, type TimelineRow, timeOf } from '../../snapshots.ts'
import type { Key } from '../../terminal/keys.ts'
import { clip, type Line, line } from '../../terminal/text.ts'
import { clockOf } from '../../time.ts'
import { jumpedTo, type Motion, moved } from '../../widgets/scrolled.ts'
import { edited } from '../../widgets/text-field.ts'

/** Headings ("today") are made again when they are this old, in milliseconds. */
const STALE_MS = 60_000
/** In characters. */
const LONGEST_FILTER = 40

/**
 * The snapshots of a timeline as a list: headings, a bar on one moment, and a filter. Only rows in view are made into
 * text, so that a thousand snapshots cost what twenty do.
 */
export class TimelineList {
  #all: Snapshot[] = []
  #texts: string[] | null = null
  #filter = ''
  #shown: Snapshot[] = []
  #rows: TimelineRow[] = []
  #rowOf: number[] = []
  #builtAt = 0
  #selected = 0
  #top = 0
  #page = 1

  get snapshots(): Snapshot[] {
    return this.#shown
  }

  get total(): number {
    return this.#all.length
  }

  get selected(): Snapshot | undefined {
    return this.#shown[this.#selected]
  }

  get filter(): string {
    return this.#filter
  }

  /** Takes the snapshots, newest first. The bar stays on its snapshot or, when that is gone, in its place; at first it goes to `start`. */
  setSnapshots(snapshots: Snapshot[], start: number): void {
    const before = this.selected
    const place = this.#selected
    this.#all = snapshots
    this.#texts = null
    this.#apply(before === undefined ? snapshots[start]?.name : before.name, place)
  }

  /** Shows only snapshots that contain each word of the text. */
  setFilter(filter: string): void {
    this.#filter = filter
    this.#apply(this.selected?.name, 0)
  }

  /** Adds to the filter what a key types, or takes its last letter away. */
  type(key: Key): void {
    const filter = edited(this.#filter, key, LONGEST_FILTER)
    if (filter !== null) this.setFilter(filter)
  }

  move(motion: Motion): void {
    this.#selected = moved(motion, this.#selected, this.#shown.length - 1, this.#page)
  }

  draw(width: number, rows: number): Line[] {
    this.#page = rows
    if (Math.abs(Date.now() - this.#builtAt) > STALE_MS) this.#build()
    const selected = this.#rowOf[this.#selected] ?? 0
    if (rows < 2) return this.#lines(selected, 1, width)
    // The heading of the first row stays in view, in the place of that row; the others follow it.
    this.#top = jumpedTo(this.#top, Math.max(0, selected - 1), rows - 1, this.#rows.length - 1)
    const heading = this.#rows.slice(0, this.#top + 1).findLastIndex((row) => 'heading' in row)
    return [...this.#lines(heading, 1, width), ...this.#lines(this.#top + 1, rows - 1, width)]
  }

  #lines(first: number, count: number, width: number): Line[] {
    return this.#rows
      .slice(first, first + count)
      .map((row) => ('heading' in row ? line(clip(row.heading, width), 'label') : this.#row(row, width)))
  }

  #row({ snapshot, index }: Extract<TimelineRow, { snapshot: Snapshot }>, width: number): Line {
    const wide = width >= 42
    const good = snapshot.healthy ? (wide ? 'known good' : 'good') : ''
    const marks = [snapshot.pinned ? (wide ? 'pinned' : 'pin') : '', good].filter(Boolean).join(', ')
    const end = marks === '' ? ' ' : `  ${marks} `
    const room = Math.max(1, width - 8 - end.length)
    const text = `  ${clockOf(timeOf(snapshot))} ${clip(noteOf(snapshot) || kindOf(snapshot), room).padEnd(room)}`
    return line(clip(text + end, width), index === this.#selected ? 'selected' : 'plain')
  }

  /** Finds the snapshots to show; the bar goes to `name`, or to `place` when that is not among them. */
  #apply(name: string | undefined, place: number): void {
    const words = this.#filter.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length > 0) this.#texts ??= this.#all.map((snapshot) => searchText(snapshot, Date.now()))
    const fits = (_: Snapshot, index: number) => words.every((word) => this.#texts?.[index]?.includes(word))
    this.#shown = words.length === 0 ? this.#all : this.#all.filter(fits)
    const found = this.#shown.findIndex((snapshot) => snapshot.name === name)
    this.#selected = found >= 0 ? found : Math.max(0, Math.min(place, this.#shown.length - 1))
    this.#build()
  }

  #build(): void {
    this.#builtAt = Date.now()
    this.#rows = rowsOf(this.#shown, this.#builtAt)
    this.#rowOf = []
    for (const [at, row] of this.#rows.entries()) if ('index' in row) this.#rowOf[row.index] = at
  }
}
