import { requestRecovery } from '../boot/index.ts'
import { usageError } from './command-line.ts'
import type { CommandInput } from './table.ts'

export default async function recovery({ root, options }: CommandInput): Promise<undefined> {
  if (options['next-boot'] !== true)
    throw usageError('Something is missing; expected --next-boot.', 'recovery')
  requestRecovery(root, {
    code: 'next-boot',
    text: 'Recovery was asked for with deskvisor recovery --next-boot.',
  })
  process.stdout.write('The next boot opens recovery.\n')
}
