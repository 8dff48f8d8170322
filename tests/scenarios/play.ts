import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Computer } from './computer.ts'
import { copyOfPreparedData } from './container/prepared-data.ts'
import { startContainer } from './container/start.ts'
import { limit } from './fair-time.ts'
import { startPc } from './pc/pc.ts'
import { places } from './pc/places.ts'
import { overlay, preparedDisk } from './pc/prepared.ts'
import { resumePc } from './pc/saved-state.ts'
import { reportEvidence } from './report.ts'
import type { Scenario, Stages, Step } from './scenario.ts'

/** Fair seconds for what a computer tells about its failure. */
const evidenceS = 120

/** Plays one scenario (`resultsName`: its folder among the results, `minutes`: how long what can go on for ever is to go on), tells what became of each step as soon as it is known, and returns all. Never rejects. */
export async function playScenario(
  scenario: Scenario,
  resultsName: string,
  report: (step: Step) => void,
  minutes = 1,
): Promise<Step[]> {
  const { name, sentence, limitS } = scenario
  const results = join(places.results, resultsName)
  await rm(results, { recursive: true, force: true })
  await mkdir(results, { recursive: true })
  const folder = await mkdtemp(join(tmpdir(), `deskvisor-${name}-`))
  // Also when the player is told to end.
  const cleanUp = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', cleanUp)
  const over = new AbortController()
  const computers: Computer[] = []
  const steps: Step[] = []
  const tell = (step: Step) => {
    steps.push(step)
    report(step)
  }
  const timed = async <T>(stepSentence: string, prove: () => Promise<T>) => {
    const startedAt = Date.now()
    try {
      const value = await prove()
      tell({ sentence: stepSentence, seconds: secondsSince(startedAt) })
      return value
    } catch (error) {
      tell({ sentence: stepSentence, seconds: secondsSince(startedAt), error: asError(error) })
      throw error
    }
  }
  const remember = async <C extends Computer>(starting: Promise<C>) => {
    const computer = await starting
    computers.push(computer)
    return computer
  }
  const options = { results, cache: places.cache, signal: over.signal }
  let disks = 0
  const nextDisk = () => join(folder, `disk-${disks++}`)
  const common = { step: timed, folder, signal: over.signal, minutes }
  const stages: Stages = {
    container: {
      ...common,
      newDisk: () => copyOfPreparedData(nextDisk()),
      start: async (spec = {}) => {
        const disk = spec.disk ?? (await copyOfPreparedData(nextDisk()))
        return remember(startContainer({ ...spec, disk }, options))
      },
    },
    pc: {
      ...common,
      newDisk: async () => overlay(await preparedDisk(), nextDisk()),
      start: async (spec = {}) => {
        const disk = spec.disk ?? (await overlay(await preparedDisk(), nextDisk()))
        return remember(startPc({ ...spec, disk }, options))
      },
      resume: async (state) => {
        const disk = nextDisk()
        return { pc: await remember(resumePc(state, disk, options)), disk }
      },
    },
  }
  const startedAt = Date.now()
  const tooLong = limit(limitS + (minutes - 1) * 240, `the end of ${name}`, over.signal)
  try {
    const playing = scenario.floor === 'pc' ? scenario.play(stages.pc) : scenario.play(stages.container)
    await Promise.race([playing, tooLong])
    if (steps.length === 0) tell({ sentence, seconds: secondsSince(startedAt) })
  } catch (error) {
    if (!steps.some((step) => step.error)) {
      tell({ sentence, seconds: secondsSince(startedAt), error: asError(error) })
    }
    for (const [index, computer] of computers.entries()) {
      // What stands still may answer to this no better than to the test.
      const evidence = computer.keepEvidence(`failure-${index}`).catch(String)
      const gist = await Promise.race([evidence, limit(evidenceS, 'its evidence', over.signal).catch(String)])
      reportEvidence(name, index, gist)
    }
  } finally {
    over.abort()
    await tooLong.catch(() => undefined)
    for (const computer of computers) {
      await Promise.resolve(computer[Symbol.asyncDispose]()).catch((error: unknown) => {
        tell({ sentence: 'its computer is taken away', seconds: 0, error: asError(error) })
      })
    }
    process.removeListener('exit', cleanUp)
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
