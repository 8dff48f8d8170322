import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Pc, startPc } from '../scenarios/pc/pc.ts'
import { places } from '../scenarios/pc/places.ts'
import { overlay } from '../scenarios/pc/prepared.ts'
import { resumePc, type SavedState } from '../scenarios/pc/saved-state.ts'
import type { PcSpec } from '../scenarios/pc/spec.ts'

/** Switches a PC on with a fresh copy of a disk and off again afterwards; what it showed is kept when the work fails. */
export async function withPc<T>(
  name: string,
  disk: { file: string; format?: 'raw' | 'qcow2' },
  spec: PcSpec,
  work: (pc: Pc) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-bench-'))
  const results = join(places.results, `bench-${name}`)
  try {
    const copy = await overlay(disk.file, join(folder, 'disk.qcow2'), disk.format)
    await using pc = await startPc({ ...spec, disk: copy }, { results, cache: places.cache })
    return await work(pc).catch(async (error: unknown) => {
      await pc.keepEvidence('failure').catch(() => undefined)
      throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same with a PC that was booted once and goes on from there. */
export async function withSavedPc<T>(state: SavedState, work: (pc: Pc) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-bench-'))
  const results = join(places.results, `bench-${state.name}`)
  try {
    await using pc = await resumePc(state, join(folder, 'disk.qcow2'), { results, cache: places.cache })
    return await work(pc)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Waits until QEMU runs in the unit of the console. */
export async function consoleStarts(pc: Pc, timeoutS = 240): Promise<void> {
  await pc.hostIsUp(timeoutS)
  const wait = `for i in $(seq ${timeoutS}); do systemctl is-active --quiet deskvisor-console.service && exit 0; sleep 1; done; exit 1`
  const { status } = await pc.shell(wait, { limitS: timeoutS + 10 })
  if (status === 0) return
  const { stdout } = await pc.shell('cat /run/deskvisor/intent.json')
  throw new Error(`The desktop was not started within ${timeoutS} s: ${stdout.trim()}`)
}
