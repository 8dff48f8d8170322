import { statSync } from 'node:fs'
import { DeskvisorError } from '../host/errors.ts'

/** Throws DeskvisorError `bad-root` (exit 2): a folder that is not there would look like a machine that has nothing. */
export function expectRoot(root: string): void {
  const stats = statSync(root, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return
  const problem = stats === undefined ? 'is not there' : 'is not a folder'
  throw new DeskvisorError('bad-root', `--root ${root} ${problem}.`, {
    next: 'Give the folder where the file tree of the machine begins, for example /mnt.',
  })
}
