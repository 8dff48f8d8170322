import type { JobInfo } from '../../../orchestrator/api/index.ts'
import type { Person } from '../../person.ts'
import { tell } from '../../questions.ts'
import { spoken } from '../../spoken.ts'
import { clip } from '../../terminal/text.ts'

/** How work goes that is under way, whoever began it. */
export async function runningJob(person: Person, job: JobInfo): Promise<void> {
  const sentence = `${clip(spoken(job.title, job.snapshot).trim(), 200)}.`
  const title = 'Under way'
  const stopped = 'What was not finished is put back.'
  const ended = await person.follow({ title, text: sentence, start: async () => job, stopped })
  if (ended !== null) await tell(person, title, [sentence, 'It is done.'])
}
