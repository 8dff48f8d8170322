import type { Status } from '../../orchestrator/api/contract.ts'
import type { Key } from '../terminal/keys.ts'
import type { Size } from '../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../terminal/text.ts'
import type { Body, View } from '../view.ts'
import { frame } from '../widgets/frame.ts'
import { menuList } from '../widgets/menu-list.ts'
import { factsOf, reasonOf } from '../words.ts'
import { HOME_ITEMS, type HomeAction, type HomeState, likelyAction } from './home-items.ts'

/** The first screen: why the menu is shown, what machine this is, and what can be done. */
export class HomeView implements View {
  readonly title = ''
  readonly #state: () => HomeState
  readonly #run: (action: HomeAction) => void
  readonly #redraw: () => void
  #selected = 0
  #chosen = false

  constructor(state: () => HomeState, run: (action: HomeAction) => void, redraw: () => void) {
    this.#state = state
    this.#run = run
    this.#redraw = redraw
  }

  get help(): string[] {
    return [
      'From here you start the desktop, go back to a moment when it worked, or find out why it did not start.',
      `You see this menu for this reason: ${firstSentence(this.#state())}`,
      'Nothing on this screen changes your files. "Start the desktop" is always safe to try, and going back can be undone.',
    ]
  }

  keys() {
    return [
      { key: 'Up/Down', does: 'choose' },
      { key: 'Enter', does: 'open' },
      { key: '?', does: 'help' },
      { key: `1-${HOME_ITEMS.length}`, does: 'pick' },
      { key: 'Ctrl-L', does: 'redraw' },
    ]
  }

  draw(size: Size): Body {
    const { status } = this.#state()
    if (!this.#chosen && status !== null) {
      this.#chosen = true
      this.#selected = HOME_ITEMS.findIndex(({ action }) => action === likelyAction(status))
    }
    return { lines: drawHome(this.#state(), this.#selected, size) }
  }

  onKey(key: Key): void {
    const count = HOME_ITEMS.length
    // The bar never moves by itself under somebody's fingers.
    this.#chosen = true
    if (key.name === 'enter') {
      this.#pick(this.#selected)
      return
    }
    if (key.name === 'char') {
      if (/^[1-9]$/.test(key.char) && Number(key.char) <= count) this.#pick(Number(key.char) - 1)
      return
    }
    const target = {
      up: this.#selected - 1,
      backtab: (this.#selected + count - 1) % count,
      down: this.#selected + 1,
      tab: (this.#selected + 1) % count,
      home: 0,
      end: count - 1,
    }[key.name as string]
    if (target === undefined) return
    this.#selected = Math.max(0, Math.min(target, count - 1))
    this.#redraw()
  }

  #pick(index: number): void {
    this.#selected = index
    const item = HOME_ITEMS[index]
    if (item !== undefined) this.#run(item.action)
  }
}

const LABEL_WIDTH = 18
const LIST_WIDTH = 40

/** Lays the first screen out: the list always fits, then the reason, then as many facts as there is room for. */
export function drawHome(state: HomeState, selected: number, { rows, columns }: Size): Line[] {
  const margin = columns >= 60 ? 2 : 1
  const width = Math.max(1, Math.min(columns - 2 * margin, 100))
  const roomy = rows >= 18
  const items = HOME_ITEMS.map((item) => item.label)
  const listRows = Math.max(1, Math.min(items.length, rows - 2))
  const listWidth = Math.min(width - (roomy ? 2 : 0), LIST_WIDTH)
  const list = menuList(items, selected, listWidth, listRows)
  const menu = roomy ? frame(list, listWidth + 2) : list
  const explanation = line(clip(HOME_ITEMS[selected]?.does(state) ?? '', width))
  let free = rows - menu.length - 1 - (roomy ? 2 : 0)

  const reasonRows = wrap(firstSentence(state), width, Math.max(0, Math.min(roomy ? 3 : 2, free)))
  const reason = reasonRows.map((row) => line(row, 'strong'))
  free -= reason.length
  const facts = factLines(state.status, width, Math.max(0, free - (roomy ? 2 : 0)))
  const gap = roomy ? [line('')] : []
  const lines = [...gap, ...reason, ...gap, ...facts, ...gap, ...menu, explanation]
  return lines.slice(0, rows).map((spans) => indent(margin, spans))
}

function factLines(status: Status | null, width: number, rows: number): Line[] {
  if (status === null) return []
  const lines = factsOf(status).flatMap(([name, value]): Line[] => {
    const column = width >= 50 ? LABEL_WIDTH : 0
    const room = Math.max(1, width - column)
    if (column === 0) return [line(clip(`${name}: ${value}`, width))]
    return wrap(value, room, 2).map((row, index) => [
      { text: (index === 0 ? name : '').padEnd(column), style: 'label' },
      { text: row, style: 'plain' },
    ])
  })
  return lines.slice(0, rows)
}

function firstSentence({ status, problem }: HomeState): string {
  if (problem !== null) return problem
  return status === null ? 'Looking at this computer...' : reasonOf(status)
}
