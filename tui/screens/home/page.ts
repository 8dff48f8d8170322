import type { Status } from '../../../orchestrator/api/contract.ts'
import type { Known } from '../../machine-state.ts'
import type { Size } from '../../terminal/size.ts'
import { clip, indent, type Line, line, wrap } from '../../terminal/text.ts'
import { frame } from '../../widgets/frame.ts'
import { menuList } from '../../widgets/menu-list.ts'
import { factsOf, reasonOf } from '../../words.ts'
import { homeItems } from './items.ts'

const LABEL_WIDTH = 18
const LIST_WIDTH = 40

/** Lays the first screen out: the list always fits, then the reason, then as many facts as there is room for. */
export function drawHome(state: Known, selected: number, { rows, columns }: Size): Line[] {
  const margin = columns >= 60 ? 2 : 1
  const width = Math.max(1, Math.min(columns - 2 * margin, 100))
  const roomy = rows >= 18
  const items = homeItems(state)
  const labels = items.map((item) => item.label)
  const listRows = Math.max(1, Math.min(items.length, rows - 2))
  const listWidth = Math.min(width - (roomy ? 2 : 0), LIST_WIDTH)
  const list = menuList(labels, selected, listWidth, listRows)
  const menu = roomy ? frame(list, listWidth + 2) : list
  const explanation = line(clip(items[selected]?.does(state) ?? '', width))
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

/** Why the menu is shown, or what it is doing. */
export function firstSentence({ status, problem }: Known): string {
  if (problem !== null) return problem
  return status === null ? 'Looking at this computer...' : reasonOf(status)
}
