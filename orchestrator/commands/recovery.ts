import { requestRecovery } from '../boot/index.ts'
import type { CommandInput } from './description.ts'
import { say } from './say.ts'

export default async function recovery(input: CommandInput): Promise<undefined> {
  requestRecovery(input.machine, {
    code: 'next-boot',
    text: 'Recovery was asked for with deskvisor recovery --next-boot.',
  })
  say(input, 'The next boot opens recovery.', { nextBoot: 'recovery' })
}
