/** The first bytes of a stream (fewer when it is shorter), and a stream that begins with them again. */
export async function peek(
  stream: AsyncIterable<Buffer>,
  length: number,
): Promise<{ head: Buffer; rest: AsyncIterable<Buffer> }> {
  const iterator = stream[Symbol.asyncIterator]()
  const chunks: Buffer[] = []
  let total = 0
  while (total < length) {
    const { done, value } = await iterator.next()
    if (done) break
    chunks.push(value)
    total += value.length
  }
  const head = Buffer.concat(chunks)
  return { head: head.subarray(0, length), rest: continued(head, iterator) }
}

async function* continued(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head
    for (;;) {
      const { done, value } = await iterator.next()
      if (done) return
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
