import t from 'tap'
import { type ConsoleFont, parsePsf1 } from '../../scenarios/pc/font.ts'
import { colours, encodePng, isBlank, type Picture, parsePpm } from '../../scenarios/pc/picture.ts'
import { readableWords, screenText } from '../../scenarios/pc/screen-text.ts'

/** A font of 16 rows whose glyphs are the bits of their code: every one differs from every other. */
const glyphs = Array.from({ length: 256 }, (_, code) =>
  Uint8Array.from({ length: 16 }, (_, row) =>
    code === 32 || row < 2 || row > 9 ? 0 : (code >> (row - 2)) & 1 ? 0x3c : 0x10,
  ),
)
const font: ConsoleFont = {
  height: 16,
  glyphs,
  characters: glyphs.map((_, code) => (code < 127 ? String.fromCharCode(code) : undefined)),
}

type Style = { ink?: number; paper?: number }

/** Draws text as the kernel's framebuffer console does, and hands it over as QEMU's screendump would. */
function draw(text: string, { ink = 0xaaaaaa, paper = 0 }: Style = {}): Picture {
  const lines = text.split('\n')
  const width = Math.max(...lines.map((line) => line.length)) * 8
  const height = lines.length * 16
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const code = lines[y >> 4]?.charCodeAt(x >> 3) || 32
      const set = ((glyphs[code]?.[y & 15] ?? 0) >> (7 - (x & 7))) & 1
      pixels.writeUIntBE(set ? ink : paper, (y * width + x) * 3, 3)
    }
  }
  return parsePpm(Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), pixels]))
}

t.test('reads back what the console shows, in any two colours', async (t) => {
  const text = 'DESKVISOR TEST GUEST boot 7\n\n  Start desktop   [Enter]\n~end'
  for (const style of [{}, { ink: 0, paper: 0xffffff }, { ink: 0x5555ff, paper: 0xaa5500 }]) {
    t.equal(screenText(draw(text, style), font), text)
  }
})

t.test('what is no character of the font is a question mark', async (t) => {
  const picture = draw('abc')
  picture.pixels[(5 * 24 + 12) * 3] = 77
  t.equal(screenText(picture, font), 'a?c')
})

t.test('a screen of one colour has no text and is blank; one pixel changes that', async (t) => {
  const picture = draw('   \n   ', { paper: 0x102030 })
  t.equal(screenText(picture, font), '')
  t.ok(isBlank(picture))
  t.same(colours(picture), [{ colour: 0x102030, count: 24 * 32 }])
  picture.pixels[100] = 1
  t.notOk(isBlank(picture))
})

t.test('words are what people can read, not stray signs', async (t) => {
  t.same(readableWords('?? ?a ?b ok 12 [ OK ] Started'), ['Started'])
})

t.test('a picture that is cut short or of another kind is refused', async (t) => {
  t.throws(() => parsePpm(Buffer.from('P6\n10 10\n255\nabc')), /cut short/)
  t.throws(() => parsePpm(Buffer.from('P5\n1 1\n255\nabc')), /PPM/)
  t.throws(() => parsePpm(Buffer.alloc(0)), /PPM/)
})

t.test('a PNG for people has its size and ends properly', async (t) => {
  const png = encodePng(draw('ab'))
  t.equal(png.subarray(0, 8).toString('latin1'), '\x89PNG\r\n\x1a\n')
  t.equal(png.readUInt32BE(16), 16)
  t.equal(png.readUInt32BE(20), 16)
  t.equal(png.subarray(-8, -4).toString('latin1'), 'IEND')
})

t.test('a PSF font is read glyph by glyph, and garbage is refused', async (t) => {
  const psf = Buffer.concat([Buffer.from([0x36, 0x04, 0, 16]), ...glyphs])
  t.same(parsePsf1(psf).glyphs[65], glyphs[65])
  t.throws(() => parsePsf1(Buffer.from('gibberish')), /PSF/)
  t.throws(() => parsePsf1(psf.subarray(0, 100)), /cut short/)
})
