import type { CartridgeInfo } from '../../../orchestrator/api/index.ts'
import type { Person } from '../../person.ts'
import { followByForce, tell } from '../../questions.ts'
import { titleOf } from '../../system-words.ts'
import { startDesktop } from '../power/power.ts'

const TITLE = 'Make it the desktop'

/** Asks whether the desktop shall be this operating system from now on. */
export async function makeDesktop(person: Person, system: CartridgeInfo): Promise<void> {
  const yes = await person.choose({
    title: TITLE,
    text: [
      `Make ${titleOf(system)} the desktop?`,
      'The computer starts it from then on. The operating system that is the desktop now stays as it is and can be made the desktop again.',
    ],
    answers: [
      { label: 'Yes, make it the desktop', value: true },
      { label: 'No, change nothing', value: null },
    ],
    help: ['One operating system at a time is the desktop. Changing it deletes nothing.'],
    kind: 'harmless',
  })
  if (!yes) return
  const { api } = person
  const running = await person.perform(TITLE, async () => {
    const systems = await api.cartridges()
    await api.insert(system.name)
    return systems.find((one) => one.running)
  })
  if (running === undefined) return startNow(person, system)
  if (running.name !== system.name) return switchNow(person, system)
  await tell(person, TITLE, [`${titleOf(system)} is the desktop now, and runs already.`])
  person.home()
}

async function startNow(person: Person, system: CartridgeInfo): Promise<void> {
  const start = await person.choose({
    title: TITLE,
    text: [`${titleOf(system)} is the desktop now.`],
    answers: [
      { label: 'Start the desktop', value: true },
      { label: 'Back to the menu', value: null },
    ],
    help: ['It is done. The desktop can be started now.'],
    kind: 'offer',
  })
  if (start) await startDesktop(person)
  else person.home()
}

/** Another one runs: it goes on, unless it is to be restarted. */
async function switchNow(person: Person, system: CartridgeInfo): Promise<void> {
  const title = titleOf(system)
  const restart = await person.choose({
    title: TITLE,
    text: [`${title} is the desktop from the next start on.`, 'What runs now goes on until it is shut down.'],
    answers: [
      { label: 'Good', value: null },
      { label: 'Restart the desktop with it now', value: true },
    ],
    help: ['It is done. Programs in the desktop that runs should be saved before it is shut down.'],
  })
  const work = (force: boolean) => ({
    title: TITLE,
    text: `${title} becomes the desktop.`,
    start: () => person.api.switchTo(system.name, { force }),
    stopped: 'What runs goes on.',
  })
  if (restart) {
    const ended = await followByForce(person, work, 'Switch it off')
    if (ended === null) return
    await tell(person, TITLE, [`${title} is starting.`])
  }
  person.home()
}
