import type { JobInfo } from '../../../orchestrator/api/index.ts'
import type { Story } from '../../person.ts'
import { lazily } from '../../questions.ts'
import { readDevices } from '../devices/devices.ts'
import { readLogs } from '../logs/logs.ts'
import { powerOff, restart, startDesktop } from '../power/power.ts'
import type { HomeAction } from './items.ts'

/** What each item of the first screen does. Screens that bring much code with them are loaded when they are asked for. */
export const STORIES: Record<HomeAction, Story> = {
  desktop: startDesktop,
  snapshots: lazily('Go back', 'Looking for the moments that were kept...', async () => {
    const { openInserted } = await import('../timeline/timeline.ts')
    return openInserted
  }),
  systems: lazily('Operating systems', 'Looking for operating systems...', async () => {
    const { openSystems } = await import('../systems/systems.ts')
    return openSystems
  }),
  logs: readLogs,
  devices: readDevices,
  shell: (person) => person.shell(),
  restart,
  poweroff: powerOff,
}

/** Shows how work goes that is under way. */
export function followStory(job: JobInfo): Story {
  return lazily('Under way', 'One moment, please...', async () => {
    const { runningJob } = await import('../jobs/running.ts')
    return (person) => runningJob(person, job)
  })
}
