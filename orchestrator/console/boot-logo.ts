/** Where a picture is on a screen of which size, in pixels from the left top. */
export type LogoPlace = { x: number; y: number; screen: { width: number; height: number } | null }

/** The largest file that is taken: a screen of 3840×2160 pixels fits. */
export const largestLogo = 32 * 1024 * 1024
/** The same in boot-picture/boot-picture.c. */
const mostPixelsASide = 8192
const magic = 0x474c5644

/**
 * The PC's own boot logo in the form in which boot-picture/boot-picture.c takes it, made of the BMP file that ACPI's BGRT
 * points at (ACPI specification 6.5, 5.2.22: "24-bit or 32-bit" bitmap). `null` for anything else than a sound one, because
 * the file comes from the PC's firmware and nobody has looked at it yet.
 */
export function bootLogo(bmp: Buffer, { x, y, screen }: LogoPlace): Buffer | null {
  if (bmp.length < 54 || bmp.length > largestLogo || bmp.toString('latin1', 0, 2) !== 'BM') return null
  const [pixelsAt, headerSize] = [bmp.readUInt32LE(10), bmp.readUInt32LE(14)]
  const [width, height] = [bmp.readInt32LE(18), bmp.readInt32LE(22)]
  const [planes, bits, compression] = [bmp.readUInt16LE(26), bmp.readUInt16LE(28), bmp.readUInt32LE(30)]
  if (headerSize < 40 || planes !== 1 || compression !== 0 || (bits !== 24 && bits !== 32)) return null
  const sides = [width, height]
  if (sides.some((side) => side < 1 || side > mostPixelsASide)) return null
  const size = Math.ceil((width * bits) / 32) * 4 * height
  if (pixelsAt < 14 + headerSize || pixelsAt + size > bmp.length) return null
  const fits = screen !== null && x + width <= screen.width && y + height <= screen.height
  // On a screen of unknown size it was in the middle, which for the left and the right is so everywhere.
  const on = fits ? screen : { width: 2 * x + width, height: 2 * y + height }
  const header = Buffer.alloc(32)
  for (const [index, value] of [magic, width, height, bits / 8, x, y, on.width, on.height].entries()) {
    header.writeUInt32LE(value, index * 4)
  }
  return Buffer.concat([header, bmp.subarray(pixelsAt, pixelsAt + size)])
}
