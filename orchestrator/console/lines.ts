import type { Socket } from 'node:net'

/**
 * No answer of QEMU or of its guest agent that Deskvisor asks for comes near this, in bytes; and what a line holds may take
 * fifty times its length once it is parsed.
 */
const longestLine = 64 * 1024

/**
 * Cuts what arrives into lines; calls `onTooMuch` and gives no more when a line does not end within 64 KiB, or when more came
 * altogether than `most` allows. Empty lines are left out.
 */
export function readLines(
  socket: Socket,
  onLine: (line: string) => void,
  onTooMuch: () => void,
  most = { bytes: Number.POSITIVE_INFINITY, lines: Number.POSITIVE_INFINITY },
): void {
  let chunks: Buffer[] = []
  let length = 0
  let bytes = 0
  let lines = 0
  socket.on('data', (data: Buffer) => {
    bytes += data.length
    if (bytes > most.bytes) return onTooMuch()
    let rest = data
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      chunks.push(rest.subarray(0, end))
      const line = Buffer.concat(chunks).toString('utf8').trim()
      chunks = []
      length = 0
      rest = rest.subarray(end + 1)
      if (socket.destroyed) return
      lines += 1
      if (lines > most.lines) return onTooMuch()
      if (line !== '') onLine(line)
    }
    length += rest.length
    if (length > longestLine) {
      chunks = []
      length = 0
      onTooMuch()
    } else if (rest.length > 0) {
      // A copy: a small slice would keep the whole chunk that it was cut from.
      chunks.push(Buffer.from(rest))
    }
  })
}
