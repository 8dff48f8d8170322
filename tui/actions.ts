import type { JobInfo } from '../orchestrator/api/index.ts'
import { type Desk, startDesktop } from './desk.ts'
import { confirmView } from './screens/confirm.ts'
import { DevicesView } from './screens/devices.ts'
import { errorView } from './screens/error.ts'
import type { HomeAction } from './screens/home-items.ts'
import { LogsView } from './screens/logs.ts'

/** What each item of the first screen does. Screens that bring much code with them are loaded when they are asked for. */
export const ACTIONS: Record<HomeAction, (desk: Desk) => void> = {
  desktop: startDesktop,
  moments: (desk) =>
    void desk.openLater('Go back', 'Looking for the moments that were kept...', async () => {
      const { insertedTimeline } = await import('./screens/timeline.ts')
      return insertedTimeline(desk)
    }),
  systems: (desk) =>
    void desk.openLater('Operating systems', 'Looking for operating systems...', async () => {
      const { systemsView } = await import('./screens/systems.ts')
      return systemsView(desk)
    }),
  logs: (desk) => desk.open(new LogsView(desk.api, desk)),
  devices: (desk) => desk.open(new DevicesView(() => desk.state.status, desk)),
  shell: (desk) => void desk.shell().catch((error) => desk.open(errorView(error, desk))),
  restart: (desk) =>
    desk.open(
      confirmView(
        {
          title: 'Restart',
          text: ['Restart the computer?', 'It goes dark for a moment and starts again.'],
          no: 'No, go back',
          yes: 'Yes, restart',
          help: ['This screen asks before the computer restarts.'],
          onYes: () =>
            void desk.request('Restarting', ['The computer restarts...'], () => desk.api.restart()),
        },
        desk,
      ),
    ),
  poweroff: (desk) =>
    desk.open(
      confirmView(
        {
          title: 'Switch off',
          text: ['Switch the computer off?', 'To use it again, press its power button.'],
          no: 'No, go back',
          yes: 'Yes, switch off',
          help: ['This screen asks before the computer switches off.'],
          onYes: () =>
            void desk.request('Switching off', ['The computer switches off...'], () => desk.api.powerOff()),
        },
        desk,
      ),
    ),
}

/** Shows how work goes that is under way. */
export function followJob(job: JobInfo, desk: Desk): void {
  void desk.openLater('Under way', 'One moment, please...', async () => {
    const { runningJobView } = await import('./screens/running-job.ts')
    return runningJobView(job, desk)
  })
}
