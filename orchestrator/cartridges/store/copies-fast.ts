import { lstat, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { reflink } from '../disks/copy-disk.ts'
import { stateFiles } from '../layout.ts'
import { unfinishedPrefix } from '../unfinished-prefix.ts'

/** So much is copied in seconds by any disk. */
const smallBytes = 2 * 2 ** 30

/** See StateStore.copiesFast. That blocks can be shared is known by trying it with a small file. */
export async function copiesFast(path: string): Promise<boolean> {
  if ((await allocatedBytes(path)) <= smallBytes) return true
  const probe = join(dirname(path), `${unfinishedPrefix}probe`)
  await rm(probe, { force: true })
  try {
    return await reflink(stateFiles(path).uefiVars, probe)
  } finally {
    await rm(probe, { force: true })
  }
}

async function allocatedBytes(path: string): Promise<number> {
  const stats = await lstat(path)
  if (!stats.isDirectory()) return stats.blocks * 512
  let total = 0
  for (const name of await readdir(path)) total += await allocatedBytes(join(path, name))
  return total
}
