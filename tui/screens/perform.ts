import type { Desk } from '../desk.ts'
import type { View } from '../view.ts'
import { errorView } from './error.ts'
import { WaitView } from './wait.ts'

/** Something that the machine does at once, and the screen that says how it went. */
export type Deed = { title: string; act: () => Promise<unknown>; done: () => View }

/** Carries a deed out in place of the screen that asked for it, so that a second Enter cannot ask twice. */
export function perform(desk: Desk, old: View, { title, act, done }: Deed): void {
  const wait = new WaitView(title, 'One moment, please...', desk)
  desk.replace(old, wait)
  act().then(
    () => desk.replace(wait, done()),
    (error) => {
      const problem = errorView(error, desk, () => desk.back())
      if (!desk.replace(wait, problem)) desk.openAtHome(problem)
    },
  )
}
