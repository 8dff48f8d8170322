import type { RecoveryApi } from '../orchestrator/api/contract.ts'
import { ConfirmView } from './screens/confirm.ts'
import { DevicesView } from './screens/devices.ts'
import { ErrorView } from './screens/error.ts'
import type { HomeAction, HomeState } from './screens/home.ts'
import { LogsView } from './screens/logs.ts'
import type { Navigation } from './view.ts'

/** What an action may use: the screens, the machine, the terminal. */
export type Desk = Navigation & {
  readonly api: RecoveryApi
  readonly state: HomeState
  /** Shows progress while the machine is asked for something, or what went wrong with it. */
  request(title: string, text: string[], ask: () => Promise<void>): Promise<void>
  shell(): Promise<void>
}

/** What each item of the first screen does. */
export const ACTIONS: Record<HomeAction, (desk: Desk) => void> = {
  desktop: (desk) =>
    void desk.request(
      'Starting',
      ['Starting the desktop...', 'This screen will go dark, and then your desktop appears.'],
      () => desk.api.startDesktop(),
    ),
  logs: (desk) => desk.open(new LogsView(desk.api, desk)),
  devices: (desk) => desk.open(new DevicesView(() => desk.state.status, desk)),
  shell: (desk) => void desk.shell().catch((error) => desk.open(new ErrorView(error, desk))),
  restart: (desk) =>
    desk.open(
      new ConfirmView(
        {
          title: 'Restart',
          text: ['Restart the computer?', 'It goes dark for a moment and starts again.'],
          no: 'No, go back',
          yes: 'Yes, restart',
          onYes: () =>
            void desk.request('Restarting', ['The computer restarts...'], () => desk.api.restart()),
        },
        desk,
      ),
    ),
  poweroff: (desk) =>
    desk.open(
      new ConfirmView(
        {
          title: 'Switch off',
          text: ['Switch the computer off?', 'To use it again, press its power button.'],
          no: 'No, go back',
          yes: 'Yes, switch off',
          onYes: () =>
            void desk.request('Switching off', ['The computer switches off...'], () => desk.api.powerOff()),
        },
        desk,
      ),
    ),
}
