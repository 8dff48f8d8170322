import { type Line, line, wrap } from '../terminal/text.ts'
import { PageView } from './page.ts'
import type { View } from './view.ts'

/** What the screen below is for, and its keys. */
export class HelpView extends PageView {
  constructor(about: View, leave: () => void) {
    const help = [
      'This screen explains the one you came from: what it is for, and which keys work there.',
      'Up and Down scroll when the text is longer than the screen.',
    ]
    super({ title: 'Help', help, draw: (width) => helpLines(about, Math.min(width, 76)) }, leave)
  }

  override keys() {
    return super.keys().filter(({ key }) => key !== '?')
  }
}

function helpLines(about: View, width: number): Line[] {
  const purpose = about.help.flatMap((paragraph) => [
    line(''),
    ...wrap(paragraph, width).map((row) => line(row)),
  ])
  const keys = [...about.keys(), ...EVERYWHERE].filter(
    ({ key }, index, all) => all.findIndex((other) => other.key === key) === index,
  )
  const table = keys.map(
    ({ key, does }): Line => [
      { text: key.padEnd(14), style: 'strong' },
      { text: does, style: 'plain' },
    ],
  )
  return [...purpose, line(''), line('Keys', 'label'), ...table]
}

const EVERYWHERE = [
  { key: '?', does: 'help' },
  { key: 'F1', does: 'help, also while you type' },
  { key: 'Ctrl-L', does: 'draw the screen again' },
]
