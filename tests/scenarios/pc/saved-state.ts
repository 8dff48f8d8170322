import { copyFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expectDesktop, expectHealthy, expectMenu } from '../expect.ts'
import { exists } from './exists.ts'
import { madeOf } from './made-of.ts'
import { incoming, saveMemory } from './memory.ts'
import { startPc } from './pc.ts'
import { places } from './places.ts'
import { overlay, preparedDisk } from './prepared.ts'
import type { Pc, PcOptions } from './running-pc.ts'
import type { PcSpec } from './spec.ts'
import { unfinishedFolder } from './unfinished.ts'

/** A PC that was booted once, and how; its memory, disk and UEFI variables are kept until the image changes. */
export type SavedState = { name: 'menu' | 'desktop'; spec: PcSpec; reach(pc: Pc): Promise<unknown> }

const states: SavedState[] = [
  {
    name: 'menu',
    spec: { kernelArguments: ['deskvisor.recovery'] },
    reach: (pc) => expectMenu(pc, 'kernel-argument'),
  },
  {
    name: 'desktop',
    spec: {},
    reach: async (pc) => {
      await expectDesktop(pc)
      await expectHealthy(pc)
    },
  },
]

const memoryFile = 'memory.zst'

const making = new Map<string, Promise<string>>()

/**
 * Goes on from a saved state, within seconds; `disk` is the overlay that takes the writes. Clock, network leases and what was
 * sent on serial lines are as they were when it was saved; the real-time clock is of now.
 */
export async function resumePc(name: SavedState['name'], disk: string, options: PcOptions): Promise<Pc> {
  const state = stateOf(name)
  const folder = await savedState(name)
  await overlay(join(folder, 'disk.qcow2'), disk)
  const spec = { ...state.spec, disk, uefiVars: join(folder, 'uefi-vars.fd') }
  return startPc(spec, options, { incoming: incoming(join(folder, memoryFile)) })
}

/** The folder of a saved state, which is made now unless it is there. */
export function savedState(name: SavedState['name']): Promise<string> {
  const made = making.get(name) ?? make(stateOf(name))
  making.set(name, made)
  return made
}

function stateOf(name: SavedState['name']): SavedState {
  const state = states.find((candidate) => candidate.name === name)
  if (!state) throw new Error(`There is no state ${name}`)
  return state
}

async function make({ name, spec, reach }: SavedState): Promise<string> {
  const base = await preparedDisk()
  const finished = join(places.cache, `state-${name}-${await madeOf(base)}`)
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
  await rename(folder, finished)
  return finished
}

/** Stops the PC for good, with what was in its memory beside its disk. */
async function save(pc: Pc, folder: string): Promise<void> {
  await saveMemory(pc.qmp, join(folder, memoryFile))
  await copyFile(pc.uefiVars, join(folder, 'uefi-vars.fd'))
  await pc.qmp.command('quit').catch(() => undefined)
  await pc.waitForExit()
}
