import { bootLogo } from '../../../orchestrator/console/boot-logo.ts'
import type { PlacedPicture } from './judge.ts'
import type { Picture } from './picture.ts'

/** The screen that the firmware of a virtual PC sets up. */
const screen = { width: 1280, height: 800 }

/** A logo such as a PC's maker has: no side of it looks like another, and its rows are no multiple of four bytes. */
export const makerLogo: PlacedPicture = { x: 559, y: 257, picture: drawLogo(161, 96) }

/** One that fills the screen of an emulated display. */
export const wholeScreenLogo: PlacedPicture = { x: 0, y: 0, picture: drawLogo(1280, 800) }

/** What the virtual PC's firmware is given, so that it shows this logo as a real one shows its maker's. */
export function firmwareLogo({ x, y, picture }: PlacedPicture): Buffer {
  const logo = bootLogo(encodeBmp(picture), { x, y, screen })
  if (logo === null) throw new Error('The logo is not one that could be shown')
  return logo
}

/** A BMP file of 24 bits, its rows from the bottom, as ACPI's BGRT points at. */
export function encodeBmp({ width, height, pixels }: Picture, bits: 24 | 32 = 24): Buffer {
  const bytes = bits / 8
  const rowSize = Math.ceil((width * bits) / 32) * 4
  const file = Buffer.alloc(54 + rowSize * height)
  file.write('BM', 0, 'latin1')
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(54, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(width, 18)
  file.writeInt32LE(height, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(bits, 28)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red = 0, green = 0, blue = 0] = pixels.subarray((y * width + x) * 3)
      file.set([blue, green, red], 54 + (height - 1 - y) * rowSize + x * bytes)
    }
  }
  return file
}

function drawLogo(width: number, height: number): Picture {
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      pixels.set([y < height / 2 ? 255 : 40, 2 * y, x], (y * width + x) * 3)
    }
  }
  return { width, height, pixels }
}
