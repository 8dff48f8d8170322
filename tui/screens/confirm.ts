import type { Navigation } from '../view.ts'
import { ChoiceView } from './choice.ts'

export type Confirmation = {
  title: string
  text: string[]
  no: string
  yes: string
  help: string[]
  onYes: () => void
}

/** Asks before something happens that cannot be taken back; "no" is chosen already. */
export function confirmView(
  { title, text, no, yes, help, onYes }: Confirmation,
  nav: Navigation,
): ChoiceView {
  return new ChoiceView(
    {
      title,
      text,
      choices: [
        { label: no, act: () => nav.back() },
        { label: yes, act: onYes },
      ],
      help: [...help, 'The safe answer is chosen already: Enter or Esc takes you back and nothing happens.'],
    },
    nav,
  )
}

/** Says something that needs no decision. */
export function messageView(
  { title, text, label = 'Good', act }: { title: string; text: string[]; label?: string; act?: () => void },
  nav: Navigation,
): ChoiceView {
  const leave = act ?? (() => nav.back())
  const help = ['This says how something went. Enter leads on.']
  return new ChoiceView({ title, text, choices: [{ label, act: leave }], help, onEscape: leave }, nav)
}
