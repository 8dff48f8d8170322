import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expectMenu, hostRefuses, hostRuns } from '../expect.ts'
import type { Pc } from '../pc/pc.ts'
import { scenario } from '../scenario.ts'

const run = promisify(execFile)
const mebibyte = 2 ** 20
const stickAt = '/run/deskvisor/media/sda'
const images = [
  'plain.raw',
  'from-qemu.qcow2',
  'from-vmware.vmdk',
  'from-hyper-v.vhdx',
  'packed.raw.xz',
  'packed.qcow2.zst',
  'packed.img.gz',
]

export default scenario(
  'pc',
  'imports',
  'a disk of any kind becomes an operating system, from a stick that was plugged in',
  async ({ start, step }) => {
    const folder = await mkdtemp(join(tmpdir(), 'deskvisor-stick-'))
    try {
      const { stick, digest } = await makeStick(folder)
      const pc = await start({ stick, kernelArguments: ['deskvisor.recovery'] })

      await step('the menu finds the images on the stick, and brings one in', async () => {
        await expectMenu(pc, 'kernel-argument')
        await pc.type('3')
        await pc.waitForScreen(/bring in another one/i)
        await selectUntil(pc, /copies an installed operating system/i)
        await pc.tap('enter')
        await pc.waitForScreen(/choose the disk to copy from/i)
        await selectUntil(pc, /media\/sda\/from-qemu\.qcow2/)
        await pc.screenshot('stick')
        await pc.tap('enter')
        await pc.waitForScreen(/what shall it be called/i)
        await pc.tap('enter')
        await pc.waitForScreen(/is there now/i, { limitS: 120 })
        await expectDisk(pc, 'from-qemu', digest)
      })
      for (const image of images.filter((name) => name !== 'from-qemu.qcow2')) {
        await step(`${image} is imported, byte for byte`, async () => {
          const name = image.replaceAll('.', '-')
          await hostRuns(pc, ['deskvisor', 'cartridge', 'import', `${stickAt}/${image}`, '--name', name], 200)
          await expectDisk(pc, name, digest)
        })
      }
      await step('from a pipe, and from the stick itself', async () => {
        await hostRuns(pc, `deskvisor cartridge import - --name piped <${stickAt}/packed.qcow2.zst`, 200)
        await expectDisk(pc, 'piped', digest)
        await hostRuns(pc, ['umount', stickAt])
        await hostRuns(pc, ['deskvisor', 'cartridge', 'import', '/dev/sda', '--name', 'whole-stick'], 200)
        await expectDisk(pc, 'whole-stick', sha256(await readFile(stick)))
      })
      await step(
        'a truncated image, one that reads another file, and one of 1000 TiB are refused and leave nothing',
        async () => {
          await hostRuns(pc, `mount -o ro /dev/sda ${stickAt}`)
          const before = await hostRuns(pc, 'ls -A /var/lib/deskvisor/cartridges')
          for (const image of ['truncated.qcow2', 'truncated.raw.xz', 'backing.qcow2', 'bomb.qcow2']) {
            const said = await hostRefuses(
              pc,
              ['deskvisor', 'cartridge', 'import', `${stickAt}/hostile/${image}`, '--name', 'hostile'],
              300,
            )
            assert.match(said, /^\S.*\.\n/, `${image}: no sentence`)
          }
          assert.equal(await hostRuns(pc, 'ls -A /var/lib/deskvisor/cartridges'), before)
        },
      )
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

/** An ext4 file system with one disk in every format, and hostile ones. */
async function makeStick(folder: string): Promise<{ stick: string; digest: string }> {
  const content = join(folder, 'content')
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
  const stick = join(folder, 'stick.raw')
  await run('mke2fs', ['-q', '-t', 'ext4', '-d', content, stick, '256M'])
  return { stick, digest: sha256(disk) }
}

/** Goes down the list until what is said about the selected line matches. */
async function selectUntil(pc: Pc, about: RegExp): Promise<void> {
  for (let lines = 0; lines < 20; lines++) {
    if (about.test(await pc.screenText())) return
    await pc.tap('down')
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`Nothing in the list says ${about}`)
}

async function expectDisk(pc: Pc, name: string, digest: string): Promise<void> {
  const disk = `/var/lib/deskvisor/cartridges/${name}/present/disk.raw`
  assert.equal((await hostRuns(pc, ['sha256sum', disk], 120)).split(' ')[0], digest)
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
