import { crc32, deflateSync } from 'node:zlib'

/** Pixels in reading order, three bytes (red, green, blue) each. */
export type Picture = { width: number; height: number; pixels: Uint8Array }

/** Reads a binary PPM (`P6`, 8 bits), the format of QEMU's `screendump`. */
export function parsePpm(file: Uint8Array): Picture {
  const header = /^P6\s+(?:#[^\n]*\n\s*)*(\d+)\s+(\d+)\s+(\d+)\s/.exec(
    Buffer.from(file.subarray(0, 200)).toString('latin1'),
  )
  if (header?.[3] !== '255') throw new Error('Expected a PPM picture with 8 bits per colour')
  const [width, height] = [Number(header[1]), Number(header[2])]
  const pixels = file.subarray(header[0].length)
  if (pixels.length < width * height * 3) throw new Error(`PPM picture of ${width}x${height} is cut short`)
  return { width, height, pixels: pixels.subarray(0, width * height * 3) }
}

/** The picture as PNG, for people who look at a failed test. */
export function encodePng({ width, height, pixels }: Picture): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (width * 3 + 1))
  for (let y = 0; y < height; y++) {
    rows.set(pixels.subarray(y * width * 3, (y + 1) * width * 3), y * (width * 3 + 1) + 1)
  }
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 6 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  frame.set(body, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}

/** How many pixels of each colour (0xRRGGBB), most frequent first. */
export function colours({ pixels }: Picture): { colour: number; count: number }[] {
  const counts = new Map<number, number>()
  for (let i = 0; i < pixels.length; i += 3) {
    const colour = ((pixels[i] ?? 0) << 16) | ((pixels[i + 1] ?? 0) << 8) | (pixels[i + 2] ?? 0)
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return [...counts].map(([colour, count]) => ({ colour, count })).sort((a, b) => b.count - a.count)
}

export function isSame(one: Picture, other: Picture): boolean {
  return one.width === other.width && Buffer.compare(one.pixels, other.pixels) === 0
}

/** True when the whole picture has one colour: nothing is on the screen. */
export function isBlank({ pixels }: Picture): boolean {
  for (let i = 3; i < pixels.length; i++) if (pixels[i] !== pixels[i - 3]) return false
  return true
}
