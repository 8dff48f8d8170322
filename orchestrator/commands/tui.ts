import { isErrno } from '../host/errors.ts'
import { isReaderGone } from '../host/output.ts'
import type { CommandInput } from './description.ts'

export default async function tui({ machine, stderr }: CommandInput): Promise<undefined> {
  const { connectApi } = await import('../api/index.ts')
  const { runTui } = await import('../../tui/main.ts')
  process.stdout.on('error', (error) => {
    // The terminal hung up (EIO), or who read the menu went away: nobody is there to be told.
    if (isReaderGone(error) || isErrno(error, 'EIO')) process.exit(0)
    stderr.write(`deskvisor: Standard output cannot be written to: ${error.message}.\n`)
    process.exit(3)
  })
  await runTui({ root: machine.root, api: connectApi(machine) })
}
