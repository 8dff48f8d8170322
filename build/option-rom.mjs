// A PCI option ROM with one UEFI driver: ELF in, PE32+ inside, the ROM's header around it. Pure: bytes in, bytes out.

const machineX64 = 0x8664
/** IMAGE_SUBSYSTEM_EFI_BOOT_SERVICE_DRIVER, which the ROM's header repeats. */
const bootServiceDriver = 11
const pageSize = 0x1000
const fileAlignment = 0x200
const loadable = 1
const flag = { execute: 1, write: 2, read: 4 }

/**
 * A PCI option ROM, as the PCI Firmware Specification 3.3 (5.1) and the UEFI Specification 2.10 (14.4.2, "PCI Option ROMs")
 * want it. `device`: PCI identifiers of the card that carries it.
 */
export function optionRom(elf, { vendorId, deviceId, classCode }) {
  const driver = peFromElf(elf)
  const dataStructure = 0x1c
  const driverAt = 0x40
  const rom = Buffer.alloc(roundUp(driverAt + driver.length, 512))
  const blocks = rom.length / 512
  rom.writeUInt16LE(0xaa55, 0)
  rom.writeUInt16LE(blocks, 2)
  rom.writeUInt32LE(0x0ef1, 4)
  rom.writeUInt16LE(bootServiceDriver, 8)
  rom.writeUInt16LE(machineX64, 10)
  rom.writeUInt16LE(driverAt, 0x16)
  rom.writeUInt16LE(dataStructure, 0x18)
  rom.write('PCIR', dataStructure, 'latin1')
  rom.writeUInt16LE(vendorId, dataStructure + 4)
  rom.writeUInt16LE(deviceId, dataStructure + 6)
  rom.writeUInt16LE(0x1c, dataStructure + 10)
  rom.writeUInt8(3, dataStructure + 12)
  rom.writeUIntLE(classCode, dataStructure + 13, 3)
  rom.writeUInt16LE(blocks, dataStructure + 16)
  // Code type UEFI; the last image of this ROM.
  rom.writeUInt8(3, dataStructure + 20)
  rom.writeUInt8(0x80, dataStructure + 21)
  driver.copy(rom, driverAt)
  return rom
}

/**
 * The program as PE32+ (https://learn.microsoft.com/windows/win32/debug/pe-format), each loadable segment a section. It has no
 * relocations: the program must reach everything relative to where it runs.
 */
export function peFromElf(elf) {
  const { entry, segments } = readElf(elf)
  const optionalHeaderSize = 112 + 6 * 8
  const headers = Buffer.alloc(roundUp(0x58 + optionalHeaderSize + segments.length * 40, fileAlignment))
  const sizeOf = (wanted) =>
    segments
      .filter(({ flags }) => Boolean(flags & flag.execute) === wanted)
      .reduce((sum, { inMemory }) => sum + roundUp(inMemory, fileAlignment), 0)
  const last = segments.at(-1)
  headers.write('MZ', 0, 'latin1')
  headers.writeUInt32LE(0x40, 0x3c)
  headers.write('PE\0\0', 0x40, 'latin1')
  headers.writeUInt16LE(machineX64, 0x44)
  headers.writeUInt16LE(segments.length, 0x46)
  headers.writeUInt16LE(optionalHeaderSize, 0x54)
  // Executable, and knows large addresses.
  headers.writeUInt16LE(0x22, 0x56)
  const optional = headers.subarray(0x58)
  optional.writeUInt16LE(0x20b, 0)
  optional.writeUInt32LE(sizeOf(true), 4)
  optional.writeUInt32LE(sizeOf(false), 8)
  optional.writeUInt32LE(entry, 16)
  optional.writeUInt32LE(segments[0].address, 20)
  optional.writeUInt32LE(pageSize, 32)
  optional.writeUInt32LE(fileAlignment, 36)
  optional.writeUInt32LE(roundUp(last.address + last.inMemory, pageSize), 56)
  optional.writeUInt32LE(headers.length, 60)
  optional.writeUInt16LE(bootServiceDriver, 68)
  // Data need not be executable (NX_COMPAT).
  optional.writeUInt16LE(0x100, 70)
  optional.writeUInt32LE(6, 108)
  const contents = [headers]
  let at = headers.length
  for (const [index, { address, inMemory, content, flags }] of segments.entries()) {
    const section = headers.subarray(0x58 + optionalHeaderSize + index * 40)
    const padded = Buffer.alloc(roundUp(content.length, fileAlignment))
    content.copy(padded)
    section.write(flags & flag.execute ? '.text' : '.data', 0, 'latin1')
    section.writeUInt32LE(inMemory, 8)
    section.writeUInt32LE(address, 12)
    section.writeUInt32LE(padded.length, 16)
    section.writeUInt32LE(padded.length > 0 ? at : 0, 20)
    section.writeUInt32LE(sectionFlags(flags), 36)
    contents.push(padded)
    at += padded.length
  }
  return Buffer.concat(contents)
}

function sectionFlags(flags) {
  const kind = flags & flag.execute ? 0x20 : 0x40
  const access = [
    [flag.execute, 0x2000_0000],
    [flag.read, 0x4000_0000],
    [flag.write, 0x8000_0000],
  ]
  return access.reduce((sum, [bit, value]) => sum + (flags & bit ? value : 0), kind)
}

/** Entry point and loadable segments of a 64-bit ELF program (elf(5)). Throws for any other file. */
function readElf(elf) {
  const isProgram = elf.length > 64 && elf.readUInt32BE(0) === 0x7f454c46 && elf[4] === 2
  if (!isProgram || elf.readUInt16LE(18) !== 62) throw new Error('Expected an ELF program for x86-64')
  const table = Number(elf.readBigUInt64LE(32))
  const segments = Array.from({ length: elf.readUInt16LE(56) }, (_, index) => {
    const at = table + index * elf.readUInt16LE(54)
    const [offset, address, , inFile, inMemory] = [8, 16, 24, 32, 40].map((field) =>
      Number(elf.readBigUInt64LE(at + field)),
    )
    return {
      type: elf.readUInt32LE(at),
      flags: elf.readUInt32LE(at + 4),
      address,
      inMemory,
      content: elf.subarray(offset, offset + inFile),
    }
  }).filter(({ type, inMemory }) => type === loadable && inMemory > 0)
  if (segments.length === 0) throw new Error('The ELF program has nothing to load')
  if (segments.some(({ address }) => address === 0 || address % pageSize !== 0))
    throw new Error('Each segment must begin at a page of its own, after the headers')
  return { entry: Number(elf.readBigUInt64LE(24)), segments }
}

function roundUp(value, unit) {
  return Math.ceil(value / unit) * unit
}
