import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, writeFileAtomic } from '../host/atomic.ts'
import { asErrorCode } from '../host/error-codes.ts'
import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { knownNextSteps } from '../host/next-step.ts'
import { asObject } from '../host/objects.ts'
import type { JobInfo } from './contract/job.ts'
import { jobIdPattern } from './contract/job-id.ts'
import { errorOf, failureOf } from './failure.ts'
import { isAlive, thisProcess } from './owner.ts'

/** Ended jobs that are remembered beside the running ones. */
export const maxEnded = 50
const states = ['running', 'done', 'failed', 'cancelled'] as const

const idPattern = new RegExp(jobIdPattern)

/** Keeps a job for who comes later; false when that cannot be. A job is not worth less because nobody can read about it. */
export function writeJobRecord(machine: Machine, job: JobInfo): boolean {
  try {
    writeFileAtomic(recordPath(machine, job.id), `${JSON.stringify({ owner: thisProcess(), job })}\n`)
    return true
  } catch (error) {
    log.debug(`The record of job ${job.id} cannot be written: ${sentenceOf(error)}`)
    return false
  }
}

/** A job of this or another process, or undefined. One whose process is gone has failed. */
export function readJobRecord(machine: Machine, id: string): JobInfo | undefined {
  if (!idPattern.test(id)) return undefined
  const { owner, job } = asObject(readJson(recordPath(machine, id)))
  const known = asJob(job, id)
  if (known?.state !== 'running' || isAlive(asObject(owner))) return known
  const message = 'The program that did this work ended before it was done.'
  const next = 'Nothing was lost, and a desktop that was shut down for it starts again. Try it once more.'
  const error = failureOf(new DeskvisorError('interrupted', message, { next }))
  return { ...known, state: 'failed', endedAt: known.endedAt ?? known.startedAt, error }
}

/** Every job there is a record of, newest first. */
export function listJobRecords(machine: Machine): JobInfo[] {
  return recordIds(machine)
    .flatMap((id) => readJobRecord(machine, id) ?? [])
    .sort((one, other) => other.startedAt.localeCompare(one.startedAt))
}

/** Forgets the oldest ended jobs. What cannot be forgotten must not keep new work from beginning. */
export function sweepJobRecords(machine: Machine): void {
  const ended = listJobRecords(machine).filter(({ state }) => state !== 'running')
  try {
    for (const { id } of ended.slice(maxEnded)) rmSync(recordPath(machine, id), { force: true })
  } catch (error) {
    log.debug(`Old records of jobs cannot be removed: ${sentenceOf(error)}`)
  }
}

function recordPath(machine: Machine, id: string): string {
  return join(machine.paths.run, 'jobs', `${id}.json`)
}

function recordIds(machine: Machine): string[] {
  try {
    const names = readdirSync(join(machine.paths.run, 'jobs')).filter((name) => name.endsWith('.json'))
    return names.map((name) => name.slice(0, -5)).filter((id) => idPattern.test(id))
  } catch {
    return []
  }
}

function asJob(value: unknown, id: string): JobInfo | undefined {
  const job = asObject(value)
  const state = states.find((known) => known === job.state)
  if (!state || typeof job.startedAt !== 'string') return undefined
  const { progress } = job
  const fraction = typeof progress === 'number' && progress >= 0 && progress <= 1 ? progress : null
  return {
    id,
    kind: asText(job.kind),
    title: asText(job.title),
    state,
    progress: fraction,
    text: asText(job.text),
    ...(typeof job.snapshot === 'string' ? { snapshot: asText(job.snapshot) } : {}),
    startedAt: asText(job.startedAt),
    endedAt: typeof job.endedAt === 'string' ? asText(job.endedAt) : null,
    result: job.result ?? null,
    error: asError(job.error),
  }
}

function asError(value: unknown): JobInfo['error'] {
  const { code, message, next, snapshot } = asObject(value)
  if (typeof code !== 'string' || typeof message !== 'string') return null
  const about = typeof snapshot === 'string' ? { snapshot: asText(snapshot) } : {}
  return failureOf(
    errorOf({ code: asErrorCode(code), message: asText(message), next: knownNextSteps(next), ...about }),
  )
}

function asText(value: unknown): string {
  return typeof value === 'string' ? oneLine(value).slice(0, 1000) : ''
}
