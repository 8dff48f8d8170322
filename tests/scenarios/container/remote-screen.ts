import type { Socket } from 'node:net'
import type { Picture } from '../pc/picture.ts'
import { connectSocket } from '../pc/qmp.ts'

/**
 * Takes one picture from a VNC server without a password (RFC 6143, version 3.8, raw encoding, 32 bits a pixel). A connection
 * for each picture: then its size is always the present one.
 */
export async function remotePicture(socketPath: string): Promise<Picture> {
  const socket = await connectSocket(socketPath, 0)
  try {
    return await negotiate(new Reader(socket), socket)
  } finally {
    socket.destroy()
  }
}

async function negotiate(reader: Reader, socket: Socket): Promise<Picture> {
  await reader.take(12)
  socket.write('RFB 003.008\n')
  const [kinds = 0] = await reader.take(1)
  if (!(await reader.take(kinds)).includes(1)) throw new Error('The screen wants a password')
  socket.write(Buffer.from([1]))
  await reader.take(4)
  // Shared: whoever looks as well goes on looking.
  socket.write(Buffer.from([1]))
  const init = await reader.take(24)
  const [width, height] = [init.readUInt16BE(0), init.readUInt16BE(2)]
  await reader.take(init.readUInt32BE(20))
  socket.write(Buffer.from([2, 0, 0, 1, 0, 0, 0, 0]))
  const request = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  request.writeUInt16BE(width, 6)
  request.writeUInt16BE(height, 8)
  socket.write(request)
  return { width, height, pixels: await readUpdate(reader, width, height) }
}

async function readUpdate(reader: Reader, width: number, height: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height * 3)
  const head = await reader.take(4)
  if (head[0] !== 0) throw new Error(`Expected an update of the screen, not message ${head[0]}`)
  for (let left = head.readUInt16BE(2); left > 0; left--) {
    const place = await reader.take(12)
    const [x = 0, y = 0, w = 0, h = 0] = [0, 2, 4, 6].map((at) => place.readUInt16BE(at))
    const data = await reader.take(w * h * 4)
    for (let row = 0; row < h; row++) {
      let to = ((y + row) * width + x) * 3
      for (let from = row * w * 4; from < (row + 1) * w * 4; from += 4, to += 3) {
        pixels[to] = data[from + 2] ?? 0
        pixels[to + 1] = data[from + 1] ?? 0
        pixels[to + 2] = data[from] ?? 0
      }
    }
  }
  return pixels
}

/** Takes so many bytes at a time from a socket. */
class Reader {
  #chunks: Buffer[] = []
  #length = 0
  #wake: () => void = () => {}
  #ended = false

  constructor(socket: Socket) {
    socket.on('data', (data: Buffer) => {
      this.#chunks.push(data)
      this.#length += data.length
      this.#wake()
    })
    const end = () => {
      this.#ended = true
      this.#wake()
    }
    socket.on('error', end).on('close', end)
  }

  async take(count: number): Promise<Buffer> {
    while (this.#length < count) {
      if (this.#ended) throw new Error('The screen went away')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(count)]
    this.#length -= count
    return all.subarray(0, count)
  }
}
