import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../pc/exists.ts'
import { madeOf } from '../pc/made-of.ts'
import { places } from '../pc/places.ts'
import { unfinishedFolder } from '../pc/unfinished.ts'
import { copySparse, runNow } from './run-now.ts'
import { startContainer } from './start.ts'

const size = '8G'
const guestInside = '/run/test-guest.raw'

let prepared: Promise<string> | undefined

/**
 * A data partition with the test guest imported and inserted as cartridge `guest`, which must not be written to. Made once
 * by the shipped program, then kept in dist/cache until one of the two images changes.
 */
export function preparedData(): Promise<string> {
  prepared ??= prepare()
  return prepared
}

/**
 * A fresh data partition that starts as a copy of the prepared one, with an identity of its own: the kernel cannot mount more
 * than two of the same.
 */
export async function copyOfPreparedData(file: string): Promise<string> {
  copySparse(await preparedData(), file)
  runNow('btrfstune', ['-u', '-f', file])
  return file
}

async function prepare(): Promise<string> {
  const finished = join(places.cache, `data-${await madeOf(places.image, places.testGuest)}.raw`)
  if (await exists(finished)) return finished
  const disk = join(await unfinishedFolder('data'), 'data.raw')
  runNow('truncate', ['--size', size, disk])
  runNow('mkfs.btrfs', ['--quiet', '--label', 'deskvisor-data', disk])
  await importGuest(disk)
  for (const old of await readdir(places.cache))
    if (old.startsWith('data-')) await rm(join(places.cache, old))
  await rename(disk, finished)
  return finished
}

async function importGuest(disk: string): Promise<void> {
  const results = join(places.results, 'prepare-data')
  await rm(results, { recursive: true, force: true })
  await using computer = await startContainer(
    { disk, recovery: true, config: null, binds: { [places.testGuest]: guestInside } },
    { results, cache: places.cache },
  )
  await computer.hostIsUp()
  for (const command of [
    ['deskvisor', 'cartridge', 'import', guestInside, '--name', 'guest'],
    ['deskvisor', 'cartridge', 'insert', 'guest'],
    // Firmware that measures what it starts into a TPM costs an emulated PC a minute; boot-menu has one.
    ['rmdir', '/var/lib/deskvisor/cartridges/guest/present/tpm'],
  ]) {
    const { status, stdout, stderr } = await computer.shell(command, { limitS: 300 })
    if (status !== 0) throw new Error(`${command.join(' ')} failed (${status}): ${stdout}${stderr}`)
  }
  await computer.shell(['systemctl', 'poweroff'])
  const end = await computer.waitForExit()
  if (end !== 'powered-off') throw new Error(`The container did not switch itself off: ${end}`)
}
