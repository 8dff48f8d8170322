import type { JobInfo } from '../../orchestrator/api/index.ts'
import type { Desk } from '../desk.ts'
import { spoken } from '../spoken.ts'
import { clip } from '../terminal/text.ts'
import type { View } from '../view.ts'
import { messageView } from './confirm.ts'
import { JobView } from './job.ts'

/** How work goes that is under way: the screen that this menu has of it, else a new one. */
export function runningJobView(job: JobInfo, desk: Desk): View {
  const title = clip(spoken(job.title, job.moment).trim(), 200)
  const work = {
    title: 'Under way',
    text: `${title}.`,
    start: async () => job,
    done: () => messageView({ title: 'Under way', text: [`${title}.`, 'It is done.'] }, desk),
    stopped: 'What was not finished is put back.',
  }
  return desk.followed.get(job.id) ?? new JobView(work, desk)
}
