import type { Person } from '../../person.ts'
import { confirm } from '../../questions.ts'

/** Starts the desktop; the machine closes the menu when it gets there. */
export function startDesktop(person: Person): Promise<void> {
  return person.request(
    'Starting',
    ['Starting the desktop...', 'This screen will go dark, and then your desktop appears.'],
    () => person.api.startDesktop(),
  )
}

export async function restart(person: Person): Promise<void> {
  const yes = await confirm(person, {
    title: 'Restart',
    text: ['Restart the computer?', 'It goes dark for a moment and starts again.'],
    no: 'No, go back',
    yes: 'Yes, restart',
    help: ['This screen asks before the computer restarts.'],
  })
  if (yes) await person.request('Restarting', ['The computer restarts...'], () => person.api.restart())
}

export async function powerOff(person: Person): Promise<void> {
  const yes = await confirm(person, {
    title: 'Switch off',
    text: ['Switch the computer off?', 'To use it again, press its power button.'],
    no: 'No, go back',
    yes: 'Yes, switch off',
    help: ['This screen asks before the computer switches off.'],
  })
  if (yes)
    await person.request('Switching off', ['The computer switches off...'], () => person.api.powerOff())
}
