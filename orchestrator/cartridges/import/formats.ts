import type { Next } from '../../host/next-step.ts'

/** A file around a disk. */
export type Compression = 'xz' | 'gzip' | 'zstd'
/** A disk format that qemu-img turns into a raw one. */
export type ImageFormat = 'qcow2' | 'vmdk' | 'vhdx'

export type Format =
  | { kind: 'raw' }
  | { kind: 'compressed'; compression: Compression }
  | { kind: 'image'; format: ImageFormat }
  /** `article` and name, for a sentence. */
  | { kind: 'foreign'; name: string; next: Next }

/** As many bytes from the beginning as `formatOf` wants to see. */
export const headBytes = 64 * 1024

const convert = (format: string, text = 'Convert it first: {command}'): Next => ({
  do: 'run',
  text,
  command: `qemu-img convert -f ${format} -O qcow2 FILE disk.qcow2`,
})
const unpack = 'Unpack it first, and import the disk image that is in it.'

/** The bytes that a format begins with (at `at`), as in each format's specification. */
const signatures: readonly { magic: string; at?: number; means: Format }[] = [
  { magic: '\xfd7zXZ\0', means: { kind: 'compressed', compression: 'xz' } },
  { magic: '\x1f\x8b\x08', means: { kind: 'compressed', compression: 'gzip' } },
  { magic: '\x28\xb5\x2f\xfd', means: { kind: 'compressed', compression: 'zstd' } },
  { magic: 'QFI\xfb', means: { kind: 'image', format: 'qcow2' } },
  { magic: 'KDMV', means: { kind: 'image', format: 'vmdk' } },
  { magic: 'vhdxfile', means: { kind: 'image', format: 'vhdx' } },
  {
    magic: '# Disk DescriptorFile',
    means: {
      kind: 'foreign',
      name: 'a vmdk description whose disk is in other files',
      next: convert('vmdk', 'Make one file of it first: {command}'),
    },
  },
  {
    magic: 'COWD',
    means: { kind: 'foreign', name: 'a vmdk file of an old ESX server', next: convert('vmdk') },
  },
  { magic: 'conectix', means: { kind: 'foreign', name: 'a vhd file', next: convert('vpc') } },
  { magic: '<<< ', means: { kind: 'foreign', name: 'a VirtualBox disk (vdi)', next: convert('vdi') } },
  { magic: 'QED\0', means: { kind: 'foreign', name: 'a qed file', next: convert('qed') } },
  { magic: 'PK\x03\x04', means: { kind: 'foreign', name: 'a zip archive', next: unpack } },
  { magic: "7z\xbc\xaf'\x1c", means: { kind: 'foreign', name: 'a 7z archive', next: unpack } },
  { magic: 'Rar!\x1a\x07', means: { kind: 'foreign', name: 'a rar archive', next: unpack } },
  { magic: 'BZh', means: { kind: 'foreign', name: 'compressed by bzip2', next: unpack } },
  {
    magic: 'ustar',
    at: 257,
    means: { kind: 'foreign', name: 'a tar archive (an ova file is one, too)', next: unpack },
  },
]

/** What something is, by its first bytes; whatever has no known signature is a raw disk. */
export function formatOf(head: Buffer): Format {
  const found = signatures.find(({ magic, at = 0 }) => {
    return head.toString('latin1', at, at + magic.length) === magic
  })
  return found?.means ?? { kind: 'raw' }
}
