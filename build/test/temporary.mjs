// Where the unit tests make their files: folders that go with `npm test`, also when it or a test is ended in the middle.
import { chmodSync, existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { remove } from '../unfinished.mjs'

const memory = '/dev/shm'

/** The environment that leads there. The names are short, for the sockets in them (unix(7)). */
export function temporaryFolders() {
  const made = [tmpdir(), ...(existsSync(memory) ? [memory] : [])].map((parent) =>
    mkdtempSync(join(parent, 'deskvisor-')),
  )
  process.once('exit', () => made.forEach(remove))
  // Some tests do what somebody may who is not the one that runs them.
  for (const folder of made) chmodSync(folder, 0o1777)
  return { TMPDIR: made[0], DESKVISOR_TEST_MEMORY: made.at(-1) }
}
