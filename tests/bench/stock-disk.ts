import { execFile } from 'node:child_process'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { exists } from '../scenarios/pc/exists.ts'
import { startPc } from '../scenarios/pc/pc.ts'
import { places } from '../scenarios/pc/places.ts'
import { overlay } from '../scenarios/pc/prepared.ts'
import { benchPlaces } from './places.ts'

const run = promisify(execFile)

/** The unit with which the stock image would start its VM, and how to see that it came so far. */
export const stockUnit = 'stock-vm.service'

/** An ordinary service of multi-user.target, with systemd's default dependencies; credentials bring it in. */
export const stockCredentials: Record<string, string> = {
  [`systemd.extra-unit.${stockUnit}`]: `[Unit]
Description=Where the stock image would start its VM
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/true
`,
  'systemd.unit-dropin.multi-user.target': `[Unit]\nWants=${stockUnit}\n`,
}

/**
 * The stock image after its first boot, as a qcow2 file that must not be written to: what a first boot does once is no
 * part of the comparison, for neither image. Built and booted when it is not there yet.
 */
export async function stockDisk(log: (line: string) => void): Promise<string> {
  const raw = await buildStock(log)
  const finished = join(places.cache, `${basename(raw, '.raw')}.qcow2`)
  if (await exists(finished)) return finished
  log('first boot of the stock image (about two minutes, kept) …')
  await mkdir(places.cache, { recursive: true })
  for (const old of await readdir(places.cache))
    if (old.startsWith('stock-')) await rm(join(places.cache, old))
  const unfinished = `${finished}.unfinished`
  await overlay(raw, unfinished, 'raw')
  const results = join(places.results, 'bench-stock-first')
  await using pc = await startPc(
    { disk: unfinished, credentials: stockCredentials },
    { results, cache: places.cache },
  )
  try {
    await pc.hostIsUp(400)
    await pc.shell('systemctl is-system-running --wait', { limitS: 400 })
    await pc.shell('sync; systemctl poweroff')
    const end = await pc.waitForExit(240)
    if (end !== 'powered-off') throw new Error(`The stock image did not switch its PC off: ${end}`)
  } catch (error) {
    await pc.keepEvidence('failure')
    throw error
  }
  await rename(unfinished, finished)
  return finished
}

/** `node build.mjs stock` prints the path as its last line. */
async function buildStock(log: (line: string) => void): Promise<string> {
  log('stock image (about three minutes, kept) …')
  const { stdout } = await run(process.execPath, ['build.mjs', 'stock'], {
    cwd: benchPlaces.repository,
    maxBuffer: 2 ** 24,
  })
  return stdout.trim().split('\n').at(-1) ?? ''
}
