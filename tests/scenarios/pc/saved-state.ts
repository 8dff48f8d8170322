import { copyFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expectDesktop, expectHealthy, expectMenu } from '../expect.ts'
import { exists } from './exists.ts'
import { finishAs } from './finished.ts'
import { identityOf } from './identity.ts'
import { incoming, saveMemory } from './memory.ts'
import { startPc } from './pc.ts'
import { places } from './places.ts'
import { overlay, preparedDisk } from './prepared.ts'
import type { Pc, PcOptions } from './running-pc.ts'
import type { PcSpec } from './spec.ts'
import { unfinishedFolder } from './unfinished.ts'

/** A PC that was booted once, and how; its memory, disk and UEFI variables are kept until image or machine change. */
export type SavedState = { name: string; spec: PcSpec; reach(pc: Pc): Promise<unknown> }

/** The states that scenarios go on from. */
export type StateName = 'menu' | 'desktop'

const states: Record<StateName, SavedState> = {
  menu: {
    name: 'menu',
    spec: { kernelArguments: ['deskvisor.recovery'] },
    reach: (pc) => expectMenu(pc, 'kernel-argument'),
  },
  desktop: {
    name: 'desktop',
    spec: {},
    reach: async (pc) => {
      await expectDesktop(pc)
      await expectHealthy(pc)
    },
  },
}

const memoryFile = 'memory.zst'

const making = new Map<string, Promise<string>>()

/**
 * Goes on from a saved state, within seconds; `disk` is the overlay that takes the writes. Clock, network leases and what was
 * sent on serial lines are as they were when it was saved; the real-time clock is of now.
 */
export async function resumePc(
  wanted: StateName | SavedState,
  disk: string,
  options: PcOptions,
): Promise<Pc> {
  const state = typeof wanted === 'string' ? states[wanted] : wanted
  const folder = await savedState(state)
  await overlay(join(folder, 'disk.qcow2'), disk)
  const spec = { ...state.spec, disk, uefiVars: join(folder, 'uefi-vars.fd') }
  return startPc(spec, options, { incoming: incoming(join(folder, memoryFile)) })
}

/** The folder of a saved state, which is made now unless it is there. */
function savedState(state: SavedState): Promise<string> {
  const made = making.get(state.name) ?? make(state)
  making.set(state.name, made)
  return made
}

async function make({ name, spec, reach }: SavedState): Promise<string> {
  const base = await preparedDisk()
  const finished = join(places.cache, `state-${name}-${await identityOf(spec, base)}`)
  if (await exists(finished)) return finished
  const folder = await unfinishedFolder(`state-${name}`)
  for (const old of await readdir(places.cache)) {
    if (old.startsWith(`state-${name}-`)) await rm(join(places.cache, old), { recursive: true })
  }
  const disk = await overlay(base, join(folder, 'disk.qcow2'))
  const results = join(places.results, `state-${name}`)
  await rm(results, { recursive: true, force: true })
  await using pc = await startPc({ ...spec, disk }, { results, cache: places.cache })
  await reach(pc).catch(async (error: unknown) => {
    await pc.keepEvidence('failure').catch(() => undefined)
    throw error
  })
  await save(pc, folder)
  await finishAs(folder, finished)
  return finished
}

/** Stops the PC for good, with what was in its memory beside its disk. */
async function save(pc: Pc, folder: string): Promise<void> {
  await saveMemory(pc.qmp, join(folder, memoryFile))
  await copyFile(pc.uefiVars, join(folder, 'uefi-vars.fd'))
  await pc.qmp.command('quit').catch(() => undefined)
  await pc.waitForExit()
}
