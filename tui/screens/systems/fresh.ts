import type { CartridgeInfo, JobInfo } from '../../../orchestrator/api/index.ts'
import type { Person } from '../../person.ts'
import { performAndTell, tell } from '../../questions.ts'
import { titleOf } from '../../system-words.ts'

const TITLE = 'Start fresh'
const ON = 'It starts fresh every time now.'
const HELP = [
  'An operating system can return to one moment at every start, for computers that many people use.',
  'What is done in it is gone at the next start then. Switching this off keeps what there is from then on.',
]

/** Switches on or off that an operating system returns to one moment at every start. */
export async function startFresh(person: Person, system: CartridgeInfo): Promise<void> {
  if (system.reset) await switchOff(person, system)
  else await switchOn(person, system)
}

async function switchOff(person: Person, system: CartridgeInfo): Promise<void> {
  const off = await person.choose({
    title: TITLE,
    text: [`${titleOf(system)} starts fresh every time.`, 'Switched off, it keeps what is done in it.'],
    answers: [
      { label: 'Leave it on', value: null },
      { label: 'Switch it off', value: true },
    ],
    help: HELP,
  })
  const act = () => person.api.describeCartridge(system.name, { reset: false })
  if (off) await performAndTell(person, TITLE, act, ['It keeps what is done in it now.'])
}

async function switchOn(person: Person, system: CartridgeInfo): Promise<void> {
  const { name, golden } = system
  const answer = await person.choose<'now' | 'before'>({
    title: TITLE,
    text: [
      `Start ${titleOf(system)} fresh every time?`,
      'Whatever is done in it, files too, is gone at the next start. To choose another moment than now, press g on it in "Go back".',
    ],
    answers: [
      { label: 'No, change nothing', value: null },
      { label: 'On, always as it is now', value: 'now', word: 'now' },
      ...(golden
        ? [{ label: 'On, as it was switched on before', value: 'before' as const, word: 'before' }]
        : []),
    ],
    help: HELP,
  })
  if (answer === 'now') await keepNow(person, system)
  const act = () => person.api.describeCartridge(name, { reset: true })
  if (answer === 'before') await performAndTell(person, TITLE, act, [ON])
}

/** Keeps the present as a snapshot, which every start returns to. */
async function keepNow(person: Person, system: CartridgeInfo): Promise<void> {
  const { name } = system
  const ended = await person.follow({
    title: TITLE,
    text: `${titleOf(system)} is kept as it is now.`,
    start: () => person.api.takeSnapshot(name, { kind: 'manual', note: 'Every start returns here' }),
    stopped: 'Nothing has changed.',
  })
  if (ended === null) return
  await person.api.describeCartridge(name, { golden: snapshotOf(ended), reset: true })
  await tell(person, TITLE, [ON])
}

/** The name of the snapshot that was taken. */
function snapshotOf({ result }: JobInfo): string {
  if (typeof result === 'object' && result !== null && 'name' in result && typeof result.name === 'string') {
    return result.name
  }
  throw new Error('No moment was kept, so it does not start fresh.')
}
