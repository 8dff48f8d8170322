// dist/native/boot-picture.rom: the console's boot picture, a UEFI driver in an option ROM (orchestrator/console/boot-picture).
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { optionRom } from './option-rom.mjs'
import { at, dist, filesBelow, step, tool } from './tools.mjs'

export const bootPictureRom = dist('native/boot-picture.rom')

/** QEMU's virtio-rng-pci on a machine's root bus, which carries the ROM (docs/specs/pci-ids.rst in QEMU's source). */
const virtioRng = { vendorId: 0x1af4, deviceId: 0x1005, classCode: 0x00ff00 }
const sources = 'orchestrator/console/boot-picture'

export default async function bootPicture() {
  await step(
    'Boot picture',
    {
      inputs: [
        ...filesBelow(sources).filter((file) => /\.(c|h|ld)$/.test(file)),
        ...filesBelow('build/boot-picture.mjs', 'build/option-rom.mjs'),
      ],
      outputs: [bootPictureRom],
      takes: '1 s',
    },
    make,
  )
}

function make() {
  const [object, elf] = [dist('native/boot-picture.o'), dist('native/boot-picture.elf')]
  tool('cc', [
    '-c',
    '-Os',
    '-ffreestanding',
    '-fpie',
    '-fvisibility=hidden',
    // Interrupts of the firmware use the stack of whoever runs; nothing saves vector registers for them.
    '-mno-red-zone',
    '-mgeneral-regs-only',
    '-fno-stack-protector',
    '-fcf-protection=none',
    '-fno-asynchronous-unwind-tables',
    // No calls of memcpy and the like, which nobody would answer.
    '-fno-tree-loop-distribute-patterns',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-o',
    object,
    at(sources, 'boot-picture.c'),
  ])
  const absolute = tool('objdump', ['--reloc', object]).match(/R_X86_64_(?!PC|PLT)\w+.*/)
  if (absolute) throw new Error(`boot-picture.c needs an absolute address: ${absolute[0]}`)
  tool('ld', ['-static', '--fatal-warnings', '-T', at(sources, 'boot-picture.ld'), '-o', elf, object])
  writeFileSync(bootPictureRom, optionRom(readFileSync(elf), virtioRng))
  for (const file of [object, elf]) rmSync(file)
}
