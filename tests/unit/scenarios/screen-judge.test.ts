import t from 'tap'
import { judge, nothingDrawn } from '../../scenarios/pc/judge.ts'
import { makerLogo } from '../../scenarios/pc/maker-logo.ts'
import type { Picture } from '../../scenarios/pc/picture.ts'
import { expectOnly, type Frame, framesBefore, Recording } from '../../scenarios/pc/recorder.ts'
import { screen } from '../fixtures/screen.ts'

const logo = makerLogo

function black(width = 1280, height = 800): Picture {
  return { width, height, pixels: Buffer.alloc(width * height * 3) }
}

/** The maker's logo on a black screen, its first `rows` rows. */
function withLogo(rows = logo.picture.height): Picture {
  const whole = black()
  const rowSize = logo.picture.width * 3
  for (let y = 0; y < rows; y++) {
    const row = logo.picture.pixels.subarray(y * rowSize, (y + 1) * rowSize)
    whole.pixels.set(row, ((logo.y + y) * whole.width + logo.x) * 3)
  }
  return whole
}

t.test(
  'text of the firmware and of a boot loader is foreign, in a font that nobody here can read',
  async (t) => {
    const sight = judge(screen('firmware-text'), { logo })
    t.match(sight, { kind: 'foreign', box: { left: 0, top: 4 } })
    t.equal(judge(screen('boot-menu'), { logo }).kind, 'foreign')
  },
)

t.test(
  "another logo than the PC's own is foreign, and so is its own beside text or at another place",
  async (t) => {
    t.equal(judge(screen('firmware-logo'), { logo }).kind, 'foreign')
    t.equal(judge(withLogo(), { logo: { ...logo, x: logo.x + 1 } }).kind, 'foreign')
    const besides = withLogo()
    besides.pixels[(700 * 1280 + 30) * 3] = 0xaa
    t.same(judge(besides, { logo }), {
      kind: 'foreign',
      box: { left: 30, top: 257, right: 719, bottom: 700 },
    })
    t.equal(judge(withLogo(), {}).kind, 'foreign', 'where none is expected')
  },
)

t.test("the PC's own logo is known, also while it is drawn", async (t) => {
  t.same(judge(withLogo(), { logo }), { kind: 'logo', whole: true })
  t.same(judge(withLogo(40), { logo }), { kind: 'logo', whole: false })
})

t.test('black is nothing; a cursor, or a screen of another colour, is not', async (t) => {
  t.same(judge(black(), { logo }), { kind: 'black' })
  t.same(judge(screen('cursor'), { logo }), {
    kind: 'foreign',
    box: { left: 0, top: 14, right: 7, bottom: 15 },
  })
  const grey = black()
  grey.pixels.fill(0x10)
  t.equal(judge(grey, { logo }).kind, 'foreign')
  t.throws(() => judge(black(0, 0), { logo }), /without pixels/)
})

t.test("the guest's picture is known; some of its colours do not make it one", async (t) => {
  t.same(judge(screen('guest'), { logo }), { kind: 'guest' })
  const cyanText = black()
  for (let x = 0; x < 1279; x++) cyanText.pixels.set([0, 0xaa, 0xaa], x * 3)
  t.equal(judge(cyanText, { logo }).kind, 'foreign')
})

t.test("QEMU's words for a card that nobody has set up are known by all that can be read", async (t) => {
  t.same(judge(screen('undrawn'), { text: `\n   ${nothingDrawn}`, logo }), { kind: 'undrawn' })
  t.equal(judge(screen('undrawn'), { text: `${nothingDrawn} oops`, logo }).kind, 'foreign')
})

const frame = (text: string, sight: Frame['sight'] = { kind: 'black' }): Frame => ({
  atMs: 1200,
  text,
  sight,
  file: `/results/${text}.png`,
})

t.test('what led to the desktop is only told when the desktop came, and somebody looked', async (t) => {
  const frames = [frame(''), frame('oops'), frame('GUEST'), frame('late')]
  t.same(framesBefore(/GUEST/, frames), frames.slice(0, 2))
  t.throws(() => framesBefore(/never/, frames), /never/)
  await t.rejects(new Recording(async () => {}).stop(), /no frame/)
  const failing = new Recording(async () => {
    throw new Error('the screen could not be had')
  })
  failing.add(frame(''))
  failing.fail()
  await t.rejects(failing.framesBefore(/GUEST/), /could not be had/)
  const recording = new Recording(async () => {})
  for (const one of frames) recording.add(one)
  t.same(await recording.stop(), frames)
  t.same(await recording.framesBefore(/GUEST/), frames.slice(0, 2))
})

t.test('a foreign sight is named with its picture', async (t) => {
  const box = { left: 0, top: 4, right: 9, bottom: 9 }
  const frames = [
    frame('a'),
    frame('hello', { kind: 'foreign', box }),
    frame('again', { kind: 'foreign', box }),
    frame('b', { kind: 'guest' }),
  ]
  t.doesNotThrow(() => expectOnly(['black', 'guest', 'foreign'], frames))
  t.throws(
    () => expectOnly(['black', 'guest'], frames),
    /1\.2 s, 2 times: foreign .*hello\n.*\/results\/hello\.png/,
  )
})
