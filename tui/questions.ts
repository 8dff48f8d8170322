import { DeskvisorError, type JobInfo } from '../orchestrator/api/contract.ts'
import type { Person, Story, Work } from './person.ts'

export type Confirmation = { title: string; text: string[]; no: string; yes: string; help: string[] }

/** Asks before something happens that cannot be taken back; "no" is chosen already. */
export async function confirm(
  person: Person,
  { title, text, no, yes, help }: Confirmation,
): Promise<boolean> {
  const answer = await person.choose({
    title,
    text,
    answers: [
      { label: no, value: null },
      { label: yes, value: true },
    ],
    help: [...help, 'The safe answer is chosen already: Enter or Esc takes you back and nothing happens.'],
  })
  return answer === true
}

/** Says something that needs no decision. */
export async function tell(person: Person, title: string, text: string[], label = 'Good'): Promise<void> {
  const help = ['This says how something went. Enter leads on.']
  await person.choose({ title, text, answers: [{ label, value: null }], help, kind: 'offer' })
}

/** Has the machine do something at once, and says that it is done. */
export async function performAndTell(
  person: Person,
  title: string,
  act: () => Promise<unknown>,
  text: string[],
): Promise<void> {
  await person.perform(title, act)
  await tell(person, title, text)
}

/**
 * Work that a running desktop is shut down for. When it does not end, asks whether to switch it off. Null when the work was
 * not done; throws what `follow` throws.
 */
export async function followByForce(
  person: Person,
  work: (force: boolean) => Work,
  yes: string,
): Promise<JobInfo | null> {
  try {
    return await person.follow(work(false))
  } catch (error) {
    if (!(error instanceof DeskvisorError) || error.code !== 'guest-does-not-end') throw error
  }
  const force = await confirm(person, {
    title: work(true).title,
    text: [
      'The desktop does not shut down.',
      'Nothing has changed yet. It can be switched off as if its plug were pulled; work that was not saved in it is lost then.',
    ],
    no: 'Leave it running',
    yes,
    help: ['The desktop was asked to shut down and did not. Perhaps a program in it waits for an answer.'],
  })
  return force ? person.follow(work(true)) : null
}

/** How work ended. Null when it was stopped, which is told; throws a DeskvisorError when it failed. */
export async function endOf(person: Person, { title, stopped }: Work, job: JobInfo): Promise<JobInfo | null> {
  if (job.state === 'done') return job
  if (job.state !== 'cancelled') {
    const { code = 'failed', message = 'It did not work.', hint = null } = job.error ?? {}
    throw new DeskvisorError(code, message, hint === null ? {} : { hint })
  }
  await tell(person, title, ['Stopped.', stopped])
  return null
}

/** A story whose code is loaded when it is asked for; says `looking` meanwhile. */
export function lazily(title: string, looking: string, load: () => Promise<Story>): Story {
  return async (person) => (await person.look(title, looking, load))(person)
}
