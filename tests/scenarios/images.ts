import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const mebibyte = 2 ** 20

export const goodImages = [
  'plain.raw',
  'from-qemu.qcow2',
  'from-vmware.vmdk',
  'from-hyper-v.vhdx',
  'packed.raw.xz',
  'packed.qcow2.zst',
  'packed.img.gz',
]
/** Below `hostile/`. */
export const hostileImages = ['truncated.qcow2', 'truncated.raw.xz', 'backing.qcow2', 'bomb.qcow2']

/** Fills a folder with one disk in every format, and with hostile ones; returns the digest of the disk. */
export async function makeImages(content: string): Promise<string> {
  const at = (name: string) => join(content, name)
  await mkdir(at('hostile'), { recursive: true })
  // Data, a hole, data; whole mebibytes, because a vhdx has no others.
  const disk = Buffer.concat([randomBytes(3 * mebibyte), Buffer.alloc(20 * mebibyte), randomBytes(mebibyte)])
  await writeFile(at('plain.raw'), disk)
  for (const [format, name] of [
    ['qcow2', 'from-qemu.qcow2'],
    ['vmdk', 'from-vmware.vmdk'],
    ['vhdx', 'from-hyper-v.vhdx'],
  ] as const) {
    await run('qemu-img', ['convert', '-f', 'raw', '-O', format, at('plain.raw'), at(name)])
  }
  await run('cp', [at('plain.raw'), at('packed.raw')])
  await run('xz', ['-1', '--keep', at('packed.raw')])
  await run('zstd', ['-q', at('from-qemu.qcow2'), '-o', at('packed.qcow2.zst')])
  await run('gzip', ['-1', at('packed.raw')])
  await rename(at('packed.raw.gz'), at('packed.img.gz'))

  const qcow2 = await readFile(at('from-qemu.qcow2'))
  await writeFile(at('hostile/truncated.qcow2'), qcow2.subarray(0, qcow2.length / 2))
  const packed = await readFile(at('packed.raw.xz'))
  await writeFile(at('hostile/truncated.raw.xz'), packed.subarray(0, packed.length / 2))
  await run('qemu-img', [
    'create',
    '-q',
    '-f',
    'qcow2',
    '-u',
    '-b',
    '/etc/passwd',
    '-F',
    'raw',
    at('hostile/backing.qcow2'),
    '64M',
  ])
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', at('hostile/bomb.qcow2'), '1000T'])
  return sha256(disk)
}

/** A stick with an ext4 file system that holds what is in a folder. */
export async function makeStick(content: string, stick: string): Promise<void> {
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', content, stick, '256M'])
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
