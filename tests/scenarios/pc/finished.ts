import { rename, rm } from 'node:fs/promises'

/** Gives a finished folder its name. Somebody else's with that name is as good, and stays. */
export async function finishAs(folder: string, finished: string): Promise<void> {
  try {
    await rename(folder, finished)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    await rm(folder, { recursive: true })
  }
}
