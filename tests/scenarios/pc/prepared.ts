import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exists } from './exists.ts'
import { startPc } from './pc.ts'
import { places } from './places.ts'

const run = promisify(execFile)
/** Room for the test guest's disk; the image itself is smaller. */
const diskSize = '8G'

let prepared: Promise<string> | undefined

/**
 * The shipped image with the test guest imported and inserted as cartridge `guest`, as a qcow2 file that must not
 * be written to. Made once by booting the image, then kept in dist/cache until one of the two images changes.
 */
export function preparedDisk(): Promise<string> {
  prepared ??= prepare()
  return prepared
}

/** A fresh disk that starts as a copy of `base` and takes all writes itself. */
export async function overlay(
  base: string,
  file: string,
  format: 'raw' | 'qcow2' = 'qcow2',
): Promise<string> {
  await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', format, file])
  return file
}

async function prepare(): Promise<string> {
  const identity = (await Promise.all([places.image, places.testGuest].map(identityOf))).join(' ')
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 16)
  const finished = join(places.cache, `prepared-${hash}.qcow2`)
  if (await exists(finished)) return finished
  await mkdir(places.cache, { recursive: true })
  for (const name of await readdir(places.cache)) {
    const another = name.startsWith('prepared-') && !name.startsWith(`prepared-${hash}`)
    if (another) await rm(join(places.cache, name), { force: true })
  }
  // Two test runs may prepare at the same time.
  const unfinished = join(places.cache, `prepared-${hash}.${process.pid}`)
  await overlay(places.image, unfinished, 'raw')
  await run('qemu-img', ['resize', '-q', '-f', 'qcow2', unfinished, diskSize])
  await importGuest(unfinished)
  await rename(unfinished, finished)
  return finished
}

async function importGuest(disk: string): Promise<void> {
  const results = join(places.results, 'prepare')
  await rm(results, { recursive: true, force: true })
  await using pc = await startPc(
    {
      disk,
      kernelArguments: ['deskvisor.recovery'],
      extraDisks: [{ file: places.testGuest, format: 'raw', readOnly: true }],
    },
    { results, cache: places.cache },
  )
  try {
    await pc.hostIsUp(300)
    for (const command of [
      ['systemctl', 'start', 'var-lib-deskvisor.mount'],
      ['deskvisor', 'cartridge', 'import', '/dev/disk/by-id/virtio-extra0', '--name', 'guest'],
      ['deskvisor', 'cartridge', 'insert', 'guest'],
      // Firmware that measures what it starts into a TPM costs an emulated PC a minute; boot-menu has one.
      ['rmdir', '/var/lib/deskvisor/cartridges/guest/present/tpm'],
    ]) {
      const { status, stdout, stderr } = await pc.shell(command, { limitS: 500 })
      if (status !== 0) throw new Error(`${command.join(' ')} failed (${status}): ${stdout}${stderr}`)
    }
    await pc.shell('sync; systemctl poweroff')
    const end = await pc.waitForExit(180)
    if (end !== 'powered-off') throw new Error(`The PC did not switch itself off: ${end}`)
  } catch (error) {
    await pc.keepEvidence('failure')
    throw error
  }
}

async function identityOf(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file).catch((cause: Error) => {
    throw new Error(`${file} is missing: run npm run image first`, { cause })
  })
  return `${file} ${size} ${mtimeMs}`
}
