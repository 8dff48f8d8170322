import { mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { bootLogo, largestLogo } from '../../../orchestrator/console/boot-logo.ts'
import {
  prepareBootPicture,
  randomnessAndBootPicture,
  readBootLogo,
} from '../../../orchestrator/console/boot-picture.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { encodeBmp } from '../../scenarios/pc/maker-logo.ts'

const place = { x: 559, y: 257, screen: { width: 1280, height: 800 } }
/** Three pixels wide, so that a row of 24 bits is filled up: 9 bytes and 3 more. */
const picture = { width: 3, height: 2, pixels: Buffer.from('0102030405060708090a0b0c0d0e0f101112', 'hex') }

const words = (logo: Buffer | null) => Array.from({ length: 8 }, (_, index) => logo?.readUInt32LE(index * 4))

/** A BMP with another number at one place. */
function changed(offset: number, value: number, bytes: 2 | 4 = 4): Buffer {
  const bmp = encodeBmp(picture)
  bmp.writeUIntLE(value >>> 0, offset, bytes)
  return bmp
}

t.test("the PC's logo is handed on with its place and its rows as they are", async (t) => {
  const logo = bootLogo(encodeBmp(picture), place)
  t.same(words(logo), [0x474c5644, 3, 2, 3, 559, 257, 1280, 800])
  t.equal(
    logo?.toString('hex', 32),
    '0c0b0a0f0e0d121110000000030201060504090807000000',
    'from the bottom, blue first',
  )
  t.same(words(bootLogo(encodeBmp(picture, 32), place)).slice(1, 4), [3, 2, 4])
  t.equal(bootLogo(encodeBmp(picture, 32), place)?.length, 32 + 24)
})

t.test('on a screen of unknown size it was in the middle', async (t) => {
  const logo = bootLogo(encodeBmp(picture), { ...place, screen: null })
  t.same(words(logo).slice(4), [559, 257, 2 * 559 + 3, 2 * 257 + 2])
  t.same(
    bootLogo(encodeBmp(picture), { ...place, screen: { width: 561, height: 800 } }),
    logo,
    'too small for it',
  )
})

t.test('a bitmap that lies about itself is no logo', async (t) => {
  for (const [what, bmp] of [
    ['another kind of file', Buffer.from('\x89PNG'.padEnd(100, ' '), 'latin1')],
    ['cut short', encodeBmp(picture).subarray(0, -1)],
    ['nothing', Buffer.alloc(0)],
    ['pixels in its header', changed(10, 20)],
    ['pixels behind its end', changed(10, 0xffff_fff0)],
    ['an old header', changed(14, 12)],
    ['no width', changed(18, 0)],
    ['a negative width', changed(18, -3)],
    ['wider than any screen', changed(18, 8193)],
    ['from the top', changed(22, -2)],
    ['higher than its file', changed(22, 0x7fff_ffff)],
    ['two planes', changed(26, 2, 2)],
    ['256 colours', changed(28, 8, 2)],
    ['packed', changed(30, 1)],
  ] as const) {
    t.equal(bootLogo(bmp, place), null, what)
  }
  t.equal(bootLogo(Buffer.alloc(largestLogo + 1, 'BM'), place), null, 'too large')
})

t.test('whatever the firmware has there, what is handed on is as long as it says', async (t) => {
  const anywhere = fc.nat(70_000)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(53), fc.nat(255)), { maxLength: 6 }),
      anywhere,
      anywhere,
      (bytes, x, y) => {
        const bmp = encodeBmp(picture)
        for (const [offset, value] of bytes) bmp[offset] = value
        const logo = bootLogo(bmp, { x, y, screen: null })
        if (logo === null) return
        const [, width = 0, height = 0, size = 0] = words(logo)
        t.ok(logo.length === 32 + Math.ceil((width * size) / 4) * 4 * height)
      },
    ),
  )
})

t.test('it is read from where Linux shows what the firmware left', async (t) => {
  const root = t.testdir({
    sys: {
      firmware: { acpi: { bgrt: { xoffset: '559\n', yoffset: '257\n' } } },
      class: { graphics: { fb0: { virtual_size: '1280,800\n' } } },
    },
  })
  const machine = machineAt(root)
  t.equal(readBootLogo(machine), null, 'a PC without a logo')
  const image = join(root, 'sys/firmware/acpi/bgrt/image')
  writeFileSync(image, encodeBmp(picture))
  t.same(readBootLogo(machine), bootLogo(encodeBmp(picture), place))
  writeFileSync(join(root, 'sys/class/graphics/fb0/virtual_size'), 'nonsense')
  t.same(words(readBootLogo(machine)).slice(6), [2 * 559 + 3, 2 * 257 + 2])
  truncateSync(image, largestLogo + 1)
  t.equal(readBootLogo(machine), null, 'too large')
  writeFileSync(join(root, 'sys/firmware/acpi/bgrt/xoffset'), '-1')
  t.equal(readBootLogo(machine), null, 'at no place')
})

t.test('where the ROM is installed, QEMU can read both; where it is not, nothing is looked at', async (t) => {
  const root = t.testdir({
    sys: { firmware: { acpi: { bgrt: { xoffset: '0', yoffset: '0', image: encodeBmp(picture) } } } },
  })
  const machine = machineAt(root)
  const { run } = machine.paths
  mkdirSync(run, { recursive: true })
  t.same(prepareBootPicture(machine), { rom: null, logo: null })
  const rom = join(root, 'usr/share/deskvisor/boot-picture.rom')
  mkdirSync(join(rom, '..'), { recursive: true })
  writeFileSync(rom, '')
  const { bootLogo: logo } = machine.paths
  t.same(prepareBootPicture(machine), { rom, logo })
  t.equal(statSync(logo).mode & 0o777, 0o644)
  t.equal(readFileSync(logo).length, 32 + 24)
  writeFileSync(join(root, 'sys/firmware/acpi/bgrt/yoffset'), '5')
  t.same(prepareBootPicture(machine), { rom, logo })
  const at = readFileSync(logo)
  t.equal(
    at.readUInt32LE(20),
    0,
    'a start that is not told the size of the screen keeps what the first one made',
  )
  rmSync(run, { recursive: true })
  t.same(prepareBootPicture(machine), { rom, logo: null }, 'no room for it')
  mkdirSync(run)
  writeFileSync(join(root, 'sys/firmware/acpi/bgrt/image'), 'BMnonsense')
  t.same(prepareBootPicture(machine), { rom, logo: null })
})

t.test('every console has a source of randomness, which carries the ROM', async (t) => {
  t.same(randomnessAndBootPicture({ rom: null, logo: null }), ['-device', 'virtio-rng-pci'])
  t.same(randomnessAndBootPicture({ rom: '/a,b.rom', logo: null }), [
    '-device',
    'virtio-rng-pci,romfile=/a,,b.rom',
  ])
  t.same(randomnessAndBootPicture({ rom: '/rom', logo: '/run/a,b' }), [
    '-device',
    'virtio-rng-pci,romfile=/rom',
    '-fw_cfg',
    'name=opt/org.deskvisor/boot-logo,file=/run/a,,b',
  ])
})
