import { spawnSync } from 'node:child_process'
import {
  accessSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { DeskvisorError, isErrno, oneLine, sentenceOf } from '../../orchestrator/host/errors.ts'
import type { Machine } from '../../orchestrator/host/machine.ts'
import { runOrThrow } from '../../orchestrator/host/process.ts'
import { hasReserve } from '../../orchestrator/space/reserve.ts'
import { endOnSignals } from '../end-on-signals.ts'
import { type Allowed, checkAfterCut } from './check.ts'
import { openLoggedDisk, withMounted } from './logged-disk.ts'
import { type Chance, chance, fillings, fillStore, type Operation, operations } from './operations.ts'
import { look, makeMachine, type World } from './world.ts'
import { type LoggedWrite, readWriteLog } from './write-log.ts'

const usage = `npm run test:power-cut [-- [--points N] [--seed N] [--keep FOLDER]]

Cuts the power at every flush of a random sequence of operations, and in between, until N points were looked at
(1000). In one sequence of three the disk is full now and then, contents or tables; in another one a write fails.
Needs root, for disks of its own.
The disks of the points that failed, as they were when the power went, are kept in FOLDER.
`
/** Room for a few cartridges; small, because it is copied for every point, and what fills it with that. */
const diskBytes = { plain: 256 * 2 ** 20, full: 128 * 2 ** 20, failing: 256 * 2 ** 20 } as const
/** What happens besides in a sequence, in turn. */
const kinds = ['plain', 'full', 'failing'] as const
type Kind = (typeof kinds)[number]
/** A write that fails is one of the first so many after the mount; a sequence has about as many. */
const mostWritesBefore = 600
/** Operations in one sequence; then a new disk begins. */
const sequenceLength = 60

/** One operation as the log saw it: from the first record that it may have caused to the last. */
type Done = { name: string; allowed: Allowed; firstRecord: number; endRecord: number }

process.exitCode = await main()

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      points: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      keep: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  endOnSignals()
  const [wanted, seed] = [Number(values.points), Number(values.seed)]
  console.log(`Power-cut sweep, ${wanted} points, seed ${seed} (run again with --seed ${seed})`)
  const tally = { points: 0, flushes: 0, failures: 0, operations: new Map<string, number>() }
  for (let sequence = 0; tally.points < wanted; sequence++) {
    const before = tally.points
    await sweepOne(seed + sequence, wanted, tally, values.keep)
    if (tally.points === before) throw new Error('A whole sequence of operations wrote nothing')
    console.log(`  ${tally.points} of ${wanted} points`)
  }
  const counts = [...tally.operations].map(([name, count]) => `${name} ${count}`).join(', ')
  console.log(`${tally.flushes} flushes, ${tally.points - tally.flushes} moments between them; ${counts}`)
  console.log(`${tally.points - tally.failures} passed, ${tally.failures} failed`)
  return tally.failures === 0 ? 0 : 1
}

type Tally = { points: number; flushes: number; failures: number; operations: Map<string, number> }

async function sweepOne(seed: number, wanted: number, tally: Tally, keep?: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'deskvisor-sweep-'))
  await runOrThrow('mount', ['-t', 'tmpfs', '-o', 'size=4G', 'deskvisor-sweep', folder])
  const unmountAtOnce = () => spawnSync('umount', ['--lazy', '--recursive', folder])
  process.once('exit', unmountAtOnce)
  try {
    const by = chance(seed)
    const { done, log, base } = await recordSequence(folder, by, tally, kinds[seed % kinds.length] ?? 'plain')
    await replay({ folder, done, log, base, by, wanted, tally, keep: keep && join(keep, `seed-${seed}`) })
  } finally {
    // Whoever starts a container meanwhile has what is mounted here, too, for a moment.
    await runOrThrow('umount', ['--lazy', '--recursive', folder])
    process.removeListener('exit', unmountAtOnce)
    rmSync(folder, { recursive: true })
  }
}

/** Lets a random sequence of operations loose on a real btrfs, and keeps what the store looked like around each. */
async function recordSequence(folder: string, by: Chance, tally: Tally, kind: Kind) {
  const machine = makeMachine(join(folder, 'live'))
  const { data } = machine.paths
  const fill = () => fillStore(machine, by)
  const failingWrite = kind === 'failing' ? 1 + by.below(mostWritesBefore) : undefined
  const disk = await openLoggedDisk({ folder, bytes: diskBytes[kind], mounted: data, fill, failingWrite })
  const choice = kind === 'full' ? [...operations, ...fillings, ...fillings] : operations
  const done: Done[] = []
  try {
    let end = 0
    let records = 0
    const recordsNow = () => {
      const read = readWriteLog(disk.log, end)
      end = read.end
      records += read.records.length
      return records
    }
    let before: World = look(machine)
    for (let number = 0; number < sequenceLength; number++) {
      const operation = by.pick(choice)
      const firstRecord = recordsNow()
      // Others may take what is left of it again and again; what they filled, no snapshot of ours can free.
      const mustWork = operation.always && hasReserve(machine)
      const refused = await codeOfRefusal(operation, machine, by)
      if (refused === 'no-space' && mustWork) {
        tally.failures++
        console.log(`FAIL "${operation.name}" was refused because the disk is full`)
      }
      const after = kind === 'failing' ? lookIfReadable(machine) : look(machine)
      // What only memory knows since a write failed, nobody can see any more.
      if (after === null) break
      const allowed = { before, after, writesPresent: operation.writesPresent === true }
      const name = refused === null ? operation.name : `${operation.name} (${refused})`
      done.push({ name, allowed, firstRecord, endRecord: recordsNow() })
      if (refused === null)
        tally.operations.set(operation.name, (tally.operations.get(operation.name) ?? 0) + 1)
      before = after
      if (kind === 'failing' && isReadOnly(data)) break
    }
  } finally {
    await disk.close()
  }
  return { done, log: disk.log, base: disk.base }
}

/** Null when it was done. What was refused on purpose has a code; anything else is a fault of the operation itself. */
async function codeOfRefusal(operation: Operation, machine: Machine, by: Chance): Promise<string | null> {
  try {
    await operation.run(machine, by)
    return null
  } catch (error) {
    if (error instanceof DeskvisorError) return error.code
    if (operation.byOthers && isErrno(error, 'ENOSPC', 'EIO', 'EROFS')) return 'failed'
    throw new Error(`"${operation.name}" failed without saying what to do`, { cause: error })
  }
}

function lookIfReadable(machine: Machine): World | null {
  try {
    return look(machine)
  } catch (error) {
    if (isErrno(error, 'EIO', 'EROFS')) return null
    throw error
  }
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return false
  } catch {
    return true
  }
}

/** Makes the disk anew, write by write, and looks at it as if the power had been cut there. */
async function replay(options: {
  folder: string
  done: Done[]
  log: string
  base: string
  by: Chance
  wanted: number
  tally: Tally
  keep: string | undefined
}): Promise<void> {
  const { folder, done, log, base, by, wanted, tally } = options
  const { records } = readWriteLog(log)
  const disk = openSync(base, 'r+')
  const source = openSync(log, 'r')
  const machine = makeMachine(join(folder, 'cut'))
  try {
    let pending: LoggedWrite[] = []
    const last = done.at(-1)?.endRecord ?? 0
    for (const [index, record] of records.entries()) {
      if (index >= last || tally.points >= wanted) break
      if (!record.flush && !record.fua) {
        pending.push(record)
        continue
      }
      // Of what was written since the last flush, a disk may have kept any part when the power went.
      const partial = pending.filter(() => by.below(2) === 0)
      if (partial.length > 0 && partial.length < pending.length) {
        tally.points++
        await lookAtPoint({ ...options, machine, index, extra: partial, source })
      }
      for (const write of [...pending, record]) apply(write, source, disk)
      pending = []
      tally.points++
      tally.flushes++
      await lookAtPoint({ ...options, machine, index: index + 1, extra: [], source })
    }
  } finally {
    closeSync(source)
    closeSync(disk)
  }
}

async function lookAtPoint(point: {
  folder: string
  base: string
  machine: Machine
  done: Done[]
  index: number
  extra: LoggedWrite[]
  source: number
  tally: Tally
  keep: string | undefined
}): Promise<void> {
  const { folder, base, machine, index, extra, source, tally, keep } = point
  const operation = operationAt(point.done, index)
  if (operation === undefined) return
  // A new file for each: the loop device of the last one may still be there.
  const copy = join(folder, `point-${tally.points}.raw`)
  await runOrThrow('cp', ['--sparse=always', base, copy])
  applyTo(copy, extra, source)
  rmSync(join(machine.paths.run, 'started-from.json'), { force: true })
  const problems = await withMounted(copy, machine.paths.data, () =>
    checkAfterCut(machine, operation.allowed),
  ).catch((error: unknown) => [`the file system cannot be used: ${sentenceOf(error)}`])
  rmSync(copy)
  if (problems.length === 0) return
  tally.failures++
  if (keep) await keepDisk(base, extra, source, `${keep}-record-${index}.raw`)
  const kind = extra.length > 0 ? 'between two flushes' : 'at a flush'
  console.log(`FAIL "${operation.name}", record ${index} (${kind}): ${oneLine(problems.join('; '))}`)
}

/** Makes the disk of a point once more: looking at it has mended it. */
async function keepDisk(base: string, extra: readonly LoggedWrite[], source: number, kept: string) {
  mkdirSync(dirname(kept), { recursive: true })
  await runOrThrow('cp', ['--sparse=always', base, kept])
  applyTo(kept, extra, source)
}

/** What was under way when this many records had been written; between two operations it is as after the first. */
function operationAt(done: readonly Done[], index: number): Done | undefined {
  const next = done.find(({ endRecord }) => index <= endRecord)
  const previous = done.findLast(({ endRecord }) => endRecord < index)
  if (!next || index > next.firstRecord || !previous) return next
  const { after } = previous.allowed
  return { ...previous, allowed: { ...previous.allowed, before: after } }
}

function applyTo(file: string, writes: readonly LoggedWrite[], source: number): void {
  const disk = openSync(file, 'r+')
  for (const write of writes) apply(write, source, disk)
  closeSync(disk)
}

function apply({ offset, length, dataAt }: LoggedWrite, source: number, disk: number): void {
  if (dataAt === null) return
  const data = Buffer.allocUnsafe(length)
  readSync(source, data, 0, length, dataAt)
  writeSync(disk, data, 0, length, offset)
}
