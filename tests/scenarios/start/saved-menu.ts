import { copyFile, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exists } from '../pc/exists.ts'
import { finishAs } from '../pc/finished.ts'
import { identityOf } from '../pc/identity.ts'
import { incoming, saveMemory, untilResumed } from '../pc/memory.ts'
import { places } from '../pc/places.ts'
import { overlay } from '../pc/prepared.ts'
import type { PcSpec } from '../pc/spec.ts'
import { composeStart, type StartedPc, startQemu } from './qemu.ts'
import { watchUntilMenu } from './watch.ts'

/** `scratch` is for what is gone with the PC, `unfinished` for what becomes the saved state. */
type Making = {
  spec: PcSpec
  disk: string
  scratch: string
  unfinished: string
  tell(words: string): void
  say(line: string): void
}

/**
 * Goes on from the menu of this PC, which was saved when it first came up; else boots it once, tells how that goes, and saves
 * it. The state is kept until the disk, QEMU or this computer is another.
 */
export async function resumeMenu(making: Making): Promise<StartedPc> {
  const saved = join(places.cache, `started-${await identityOf(making.spec, making.disk)}`)
  const isNew = !(await exists(saved))
  if (isNew) await saveMenu(making, saved)
  try {
    return await resume(making, saved)
  } catch (error) {
    // What a window lacks is no fault of the saved start.
    if (isNew || making.spec.window) throw error
    making.say('        The saved start could not be used, so it is made anew.')
    await saveMenu(making, saved)
    return resume(making, saved)
  }
}

async function saveMenu(
  { spec, disk, scratch, unfinished, tell, say }: Making,
  saved: string,
): Promise<void> {
  say('        It starts from power-on this once, which takes about two minutes; later starts take seconds.')
  const folder = join(unfinished, 'started')
  await mkdir(folder)
  const own = await overlay(disk, join(folder, 'disk.qcow2'))
  await using pc = await startQemu(await composeStart({ ...spec, disk: own }, scratch))
  await pc.qmp.command('cont')
  await watchUntilMenu(pc, scratch, tell)
  tell('the menu is there; it is saved for later starts')
  await saveMemory(pc.qmp, join(folder, 'memory.zst'))
  await copyFile(pc.uefiVars, join(folder, 'uefi-vars.fd'))
  await pc.qmp.command('quit').catch(() => undefined)
  await pc.ended
  // Not before there is a new one: what kept it from being made may keep nobody from going on with the old one.
  for (const old of await readdir(places.cache))
    if (old.startsWith('started-')) await rm(join(places.cache, old), { recursive: true })
  await finishAs(folder, saved)
}

async function resume({ spec, scratch }: Making, saved: string): Promise<StartedPc> {
  const disk = await overlay(join(saved, 'disk.qcow2'), join(scratch, 'disk.qcow2'))
  const composed = await composeStart({ ...spec, disk, uefiVars: join(saved, 'uefi-vars.fd') }, scratch)
  const pc = await startQemu(composed, incoming(join(saved, 'memory.zst')))
  try {
    await untilResumed(pc.qmp)
    await pc.qmp.command('cont')
    return pc
  } catch (error) {
    await pc[Symbol.asyncDispose]()
    throw error
  }
}
