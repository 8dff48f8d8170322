import type { Socket } from 'node:net'

/** No answer of QEMU or of its guest agent that Deskvisor asks for comes near this, in bytes. */
const longestLine = 1024 * 1024

/** Cuts what arrives into lines; calls `onTooLong` and stops when a line does not end within 1 MiB. Empty lines are left out. */
export function readLines(socket: Socket, onLine: (line: string) => void, onTooLong: () => void): void {
  let chunks: Buffer[] = []
  let length = 0
  socket.on('data', (data: Buffer) => {
    let rest = data
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      chunks.push(rest.subarray(0, end))
      const line = Buffer.concat(chunks).toString('utf8').trim()
      chunks = []
      length = 0
      rest = rest.subarray(end + 1)
      if (socket.destroyed) return
      if (line !== '') onLine(line)
    }
    length += rest.length
    if (length > longestLine) {
      chunks = []
      length = 0
      onTooLong()
    } else if (rest.length > 0) {
      // A copy: a small slice would keep the whole chunk that it was cut from.
      chunks.push(Buffer.from(rest))
    }
  })
}
