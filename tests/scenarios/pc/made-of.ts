import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'

/** A short name for what is made of these files: another one as soon as one of them was built anew. */
export async function madeOf(...files: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    const { size, mtimeMs } = await stat(file).catch((cause: Error) => {
      throw new Error(`${file} is missing: run npm run image first`, { cause })
    })
    hash.update(`${file} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}
