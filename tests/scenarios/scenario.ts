import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Pc, startPc } from './pc/pc.ts'
import { places } from './pc/places.ts'
import { overlay, preparedDisk } from './pc/prepared.ts'
import type { PcSpec } from './pc/spec.ts'

/** What a scenario works with. PCs and disks are cleared away when it ends, whichever way. */
export type Stage = {
  /** Switches a PC on; unless told otherwise its disk is a fresh copy of the prepared one. */
  startPc(spec?: PcSpec): Promise<Pc>
  /** A fresh copy of the prepared disk, for scenarios that switch a PC on more than once. */
  newDisk(): Promise<string>
  /** One sentence about the machine that this proves; counted as one test. */
  step<T>(sentence: string, prove: () => Promise<T>): Promise<T>
  signal: AbortSignal
}

export type Scenario = {
  name: string
  sentence: string
  /** Seconds that it may take; 720 unless given. */
  limitS: number
  play(stage: Stage): Promise<void>
}

export type Step = { sentence: string; seconds: number; error?: Error }

export function scenario(
  name: string,
  sentence: string,
  play: (stage: Stage) => Promise<void>,
  { limitS = 720 }: { limitS?: number } = {},
): Scenario {
  return { name, sentence, play, limitS }
}

/** Plays one scenario, tells what became of each step as soon as it is known, and returns all. Never rejects. */
export async function playScenario(
  { name, sentence, limitS, play }: Scenario,
  report: (step: Step) => void,
): Promise<Step[]> {
  const results = join(places.results, name)
  await rm(results, { recursive: true, force: true })
  await mkdir(results, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), `deskvisor-${name}-`))
  const limit = new AbortController()
  const pcs: Pc[] = []
  const steps: Step[] = []
  const tell = (step: Step) => {
    steps.push(step)
    report(step)
  }
  let disks = 0
  const newDisk = async () => overlay(await preparedDisk(), join(folder, `disk-${disks++}.qcow2`))
  const stage: Stage = {
    signal: limit.signal,
    newDisk,
    startPc: async (spec = {}) => {
      const disk = spec.disk ?? (await newDisk())
      const pc = await startPc({ ...spec, disk }, { results, cache: places.cache, signal: limit.signal })
      pcs.push(pc)
      return pc
    },
    step: async (stepSentence, prove) => {
      const startedAt = Date.now()
      try {
        const value = await prove()
        tell({ sentence: stepSentence, seconds: secondsSince(startedAt) })
        return value
      } catch (error) {
        tell({ sentence: stepSentence, seconds: secondsSince(startedAt), error: asError(error) })
        throw error
      }
    },
  }
  const startedAt = Date.now()
  const timer = setTimeout(
    () => limit.abort(new Error(`${name} took longer than ${limitS} s`)),
    limitS * 1000,
  )
  const tooLong = new Promise<never>((_, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason))
  })
  try {
    await Promise.race([play(stage), tooLong])
    if (steps.length === 0) tell({ sentence, seconds: secondsSince(startedAt) })
  } catch (error) {
    if (!steps.some((step) => step.error)) {
      tell({ sentence, seconds: secondsSince(startedAt), error: asError(error) })
    }
    for (const [index, pc] of pcs.entries()) await pc.keepEvidence(`failure-${index}`).catch(() => undefined)
  } finally {
    clearTimeout(timer)
    for (const pc of pcs) await pc[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
  return steps
}

function secondsSince(startedAt: number): number {
  return Math.round((Date.now() - startedAt) / 1000)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
