import { requestRecovery } from '../boot/index.ts'
import type { CommandInput } from './description.ts'

export default async function recovery({ root }: CommandInput): Promise<undefined> {
  requestRecovery(root, {
    code: 'next-boot',
    text: 'Recovery was asked for with deskvisor recovery --next-boot.',
  })
  process.stdout.write('The next boot opens recovery.\n')
}
