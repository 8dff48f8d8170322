import t from 'tap'
import { optionRom, peFromElf } from '../../../build/option-rom.mjs'

const card = { vendorId: 0x1af4, deviceId: 0x1005, classCode: 0x00ff00 }

/** An ELF program with code at one page and data, longer in memory than in the file, at the next. */
function elf({ address = 0x1000, machine = 62 } = {}): Buffer {
  const file = Buffer.alloc(0x300)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(machine, 18)
  file.writeBigUInt64LE(0x1004n, 24)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(2, 56)
  for (const [index, [flags, offset, at, inFile, inMemory]] of [
    [5, 0x200, address, 0x10, 0x10],
    [6, 0x210, 0x2000, 4, 0x1234],
  ].entries()) {
    const header = file.subarray(64 + index * 56)
    header.writeUInt32LE(1, 0)
    header.writeUInt32LE(flags ?? 0, 4)
    for (const [field, value] of [
      [8, offset],
      [16, at],
      [32, inFile],
      [40, inMemory],
    ]) {
      header.writeBigUInt64LE(BigInt(value ?? 0), field)
    }
  }
  file.fill(0xcc, 0x200, 0x210)
  file.fill(0xdd, 0x210, 0x214)
  return file
}

t.test('firmware finds a UEFI driver for this card in the ROM', async (t) => {
  const rom = optionRom(elf(), card)
  t.equal(rom.length % 512, 0)
  t.equal(rom.readUInt16LE(0), 0xaa55)
  t.equal(rom.readUInt16LE(2) * 512, rom.length)
  t.equal(rom.readUInt32LE(4), 0x0ef1, 'an EFI image')
  t.same([rom.readUInt16LE(8), rom.readUInt16LE(10), rom.readUInt16LE(12)], [11, 0x8664, 0])
  const data = rom.subarray(rom.readUInt16LE(0x18))
  t.equal(data.toString('latin1', 0, 4), 'PCIR')
  t.same([data.readUInt16LE(4), data.readUInt16LE(6), data.readUIntLE(13, 3)], [0x1af4, 0x1005, 0x00ff00])
  t.equal(data.readUInt16LE(16) * 512, rom.length)
  t.same([data[20], data[21]], [3, 0x80], 'UEFI, and the last image')
  const driver = rom.subarray(rom.readUInt16LE(0x16))
  t.same(driver.subarray(0, peFromElf(elf()).length), peFromElf(elf()))
})

t.test(
  'the driver is loaded where it was linked: code that cannot be written, data that cannot run',
  async (t) => {
    const pe = peFromElf(elf())
    const header = pe.subarray(pe.readUInt32LE(0x3c))
    t.equal(header.toString('latin1', 0, 4), 'PE\0\0')
    t.same([header.readUInt16LE(4), header.readUInt16LE(6)], [0x8664, 2])
    t.equal(header.readUInt16LE(22) & 1, 0, 'it may be loaded anywhere')
    const optional = header.subarray(24)
    t.same(
      [optional.readUInt16LE(0), optional.readUInt32LE(16), optional.readUInt16LE(68)],
      [0x20b, 0x1004, 11],
    )
    t.equal(optional.readUInt32LE(56), 0x4000, 'pages in memory')
    const sections = [0, 1].map((index) => optional.subarray(header.readUInt16LE(20) + index * 40))
    const told = sections.map((section) => ({
      size: section.readUInt32LE(8),
      address: section.readUInt32LE(12),
      first: pe[section.readUInt32LE(20)],
      inFile: section.readUInt32LE(16),
      flags: section.readUInt32LE(36),
    }))
    t.same(told, [
      { size: 0x10, address: 0x1000, first: 0xcc, inFile: 0x200, flags: 0x6000_0020 },
      { size: 0x1234, address: 0x2000, first: 0xdd, inFile: 0x200, flags: 0xc000_0040 },
    ])
  },
)

t.test('what is no program for it is refused', async (t) => {
  t.throws(() => peFromElf(Buffer.from('gibberish')), /Expected an ELF program/)
  t.throws(() => peFromElf(elf({ machine: 183 })), /x86-64/)
  t.throws(() => peFromElf(elf({ address: 0x1800 })), /page of its own/)
})
