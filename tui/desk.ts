import type { Api } from '../orchestrator/api/index.ts'
import type { HomeState } from './screens/home-items.ts'
import type { Navigation, View } from './view.ts'

/** What screens and actions may use: the other screens, the machine, the terminal. */
export type Desk = Navigation & {
  readonly api: Api
  readonly state: HomeState
  /** Screens of the work that this menu follows, by the id of the job; open or not. */
  readonly followed: Map<string, View>
  /** Shows progress while the machine is asked for something, or what went wrong with it. */
  request(title: string, text: string[], ask: () => Promise<void>): Promise<void>
  /** Opens a screen whose code or data must be fetched first; says `text` meanwhile, and what went wrong if it does. */
  openLater(title: string, text: string, make: () => Promise<View>): Promise<void>
  shell(): Promise<void>
}

/** Starts the desktop; the machine closes the menu when it gets there. */
export function startDesktop(desk: Desk): void {
  void desk.request(
    'Starting',
    ['Starting the desktop...', 'This screen will go dark, and then your desktop appears.'],
    () => desk.api.startDesktop(),
  )
}
