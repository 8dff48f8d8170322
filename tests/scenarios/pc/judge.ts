import type { Picture } from './picture.ts'

/** A picture and where its left top corner is on the screen. */
export type PlacedPicture = { x: number; y: number; picture: Picture }

type Box = { left: number; top: number; right: number; bottom: number }

/**
 * What is on a screen. `undrawn`: QEMU's own words before the card was set up, which a real monitor does not get. `logo`: the
 * PC's own, all of it or as much as is drawn yet. `guest`: the test guest's picture, likewise. `foreign`: anything else; `box`
 * holds all of it.
 */
export type Sight =
  | { kind: 'black' }
  | { kind: 'undrawn' }
  | { kind: 'logo'; whole: boolean }
  | { kind: 'guest' }
  | { kind: 'foreign'; box: Box }

/** QEMU's own words on a screen that nobody has drawn on yet. */
export const nothingDrawn = 'Guest has not initialized the display (yet).'
/** Behind the black letters of the test guest's picture: image/test-guest, test-guest. */
const guestPaper = 0x00aaaa

/**
 * Judges a screen by every pixel, not by what can be read: what is not known is foreign, in whatever font or colours it may
 * be. `text` is what could be read with QEMU's and Linux's font. A cursor is foreign, too.
 */
export function judge(picture: Picture, { text = '', logo }: { text?: string; logo?: PlacedPicture }): Sight {
  if (picture.width === 0 || picture.height === 0) throw new Error('A picture without pixels tells nothing')
  const drawn = boxWhere(picture, (colour) => colour !== 0)
  if (drawn === null) return { kind: 'black' }
  if (text.trim() === nothingDrawn) return { kind: 'undrawn' }
  if (logo) {
    const stranger = boxWhere(picture, (colour, x, y) => colour !== 0 && colour !== logoColour(logo, x, y))
    if (stranger === null) return { kind: 'logo', whole: isWhole(picture, logo) }
  }
  const notGuest = boxWhere(picture, (colour) => colour !== 0 && colour !== guestPaper)
  if (notGuest === null && hasWholeRow(picture, guestPaper)) return { kind: 'guest' }
  return { kind: 'foreign', box: drawn }
}

function logoColour({ x: left, y: top, picture }: PlacedPicture, x: number, y: number): number {
  const [inX, inY] = [x - left, y - top]
  if (inX < 0 || inY < 0 || inX >= picture.width || inY >= picture.height) return 0
  return colourAt(picture, inX, inY)
}

function isWhole(screen: Picture, { x, y, picture }: PlacedPicture): boolean {
  if (x + picture.width > screen.width || y + picture.height > screen.height) return false
  return boxWhere(picture, (colour, inX, inY) => colour !== colourAt(screen, x + inX, y + inY)) === null
}

function hasWholeRow(picture: Picture, paper: number): boolean {
  const columns = Array.from({ length: picture.width }, (_, x) => x)
  for (let y = 0; y < picture.height; y++) {
    if (columns.every((x) => colourAt(picture, x, y) === paper)) return true
  }
  return false
}

/** The smallest box around all pixels for which that is true; `null` when there is none. */
function boxWhere(picture: Picture, isWanted: (colour: number, x: number, y: number) => boolean): Box | null {
  let box: Box | null = null
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      if (!isWanted(colourAt(picture, x, y), x, y)) continue
      box ??= { left: x, top: y, right: x, bottom: y }
      box.left = Math.min(box.left, x)
      box.right = Math.max(box.right, x)
      box.bottom = y
    }
  }
  return box
}

function colourAt({ pixels, width }: Picture, x: number, y: number): number {
  const offset = (y * width + x) * 3
  return ((pixels[offset] ?? 0) << 16) | ((pixels[offset + 1] ?? 0) << 8) | (pixels[offset + 2] ?? 0)
}
