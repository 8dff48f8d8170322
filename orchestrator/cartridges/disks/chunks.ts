import type { FileHandle } from 'node:fs/promises'

const chunkBytes = 1024 * 1024

/**
 * The bytes of an open file from its beginning to `size`, or to its end. (A stream of node:fs would close the descriptor
 * when it is left early, also one that belongs to somebody else.)
 */
export async function* chunksOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, size - position))
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) return
    yield chunk.subarray(0, bytesRead)
    position += bytesRead
  }
}
