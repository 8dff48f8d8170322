import { insertedCartridge } from '../../orchestrator/cartridges/index.ts'
import { sentenceOf } from '../../orchestrator/host/errors.ts'
import type { Machine } from '../../orchestrator/host/machine.ts'
import { prepareStart, readTimeline } from '../../orchestrator/snapshots/index.ts'
import { look, type World } from './world.ts'

/** What the store may look like after a power cut: as before an operation or as after it. */
export type Allowed = { before: World; after: World; writesPresent: boolean }

/**
 * Looks at a store as the next start after a power cut finds it, and starts it. Returns what is wrong, in sentences: a
 * cartridge that is neither old nor new, a snapshot that is missing or not as it was, a console that does not start.
 */
export async function checkAfterCut(machine: Machine, allowed: Allowed): Promise<string[]> {
  const found = look(machine)
  const problems = [...differences(found, allowed), ...insertedProblems(machine, allowed)]
  if (problems.length > 0) return problems
  const playedBefore = insertedCartridge(machine).name
  try {
    const cartridge = await prepareStart(machine, insertedCartridge(machine), { relaunch: false })
    readTimeline(machine, cartridge.name)
    if (cartridge.name !== playedBefore) problems.push(`${cartridge.name} starts and not ${playedBefore}`)
  } catch (error) {
    return [`it does not start: ${sentenceOf(error)}`]
  }
  const present = look(machine).cartridges[playedBefore]?.present
  if (present !== found.cartridges[playedBefore]?.present) problems.push('the start changed the present')
  return problems
}

function insertedProblems(machine: Machine, { before, after }: Allowed): string[] {
  try {
    const { name } = insertedCartridge(machine)
    return name === before.inserted || name === after.inserted ? [] : [`${name} is inserted`]
  } catch (error) {
    return [`nothing can be played: ${sentenceOf(error)}`]
  }
}

/** Pure: how the store differs from both that it may be. */
export function differences(found: World, { before, after, writesPresent }: Allowed): string[] {
  const problems: string[] = []
  const names = new Set([...Object.keys(before.cartridges), ...Object.keys(after.cartridges)])
  for (const name of Object.keys(found.cartridges)) {
    if (!names.has(name)) problems.push(`${name} was never there`)
  }
  for (const name of names) {
    const [old, next, now] = [before.cartridges[name], after.cartridges[name], found.cartridges[name]]
    if (now === undefined) {
      if (old && next) problems.push(`${name} is gone`)
      continue
    }
    const presents = [old?.present, next?.present]
    if (!(writesPresent || presents.includes(now.present)))
      problems.push(`the present of ${name} is neither old nor new`)
    if (!(writesPresent || [old?.data, next?.data].includes(now.data)))
      problems.push(`the disk for data of ${name} is neither old nor new`)
    const snapshots = { ...old?.snapshots, ...next?.snapshots }
    for (const [snapshot, content] of Object.entries(now.snapshots)) {
      // A going back that is refused at last has kept the present for a while; it is not wrong to find it.
      const keptForAWhile = !(snapshot in snapshots) && content === old?.present
      if (snapshots[snapshot] !== content && !keptForAWhile)
        problems.push(`${snapshot} of ${name} is not what it was`)
    }
    for (const snapshot of Object.keys(snapshots)) {
      const certain = (!old || snapshot in old.snapshots) && (!next || snapshot in next.snapshots)
      if (certain && !(snapshot in now.snapshots)) problems.push(`${snapshot} of ${name} is gone`)
    }
  }
  // A cartridge that is renamed is there under one of its names.
  if (
    Object.keys(found.cartridges).length <
    Math.min(...[before, after].map((world) => Object.keys(world.cartridges).length))
  ) {
    problems.push('a cartridge is gone')
  }
  return problems
}
