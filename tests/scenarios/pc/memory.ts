import { until } from '../fair-time.ts'
import type { Qmp } from './qmp.ts'
import { quote } from './test-shell.ts'

/** Writes all that a PC holds but its disks to a file; it stands still from then on. Fails with QEMU's own reason. */
export async function saveMemory(qmp: Qmp, file: string): Promise<void> {
  await qmp.command('stop')
  await qmp.command('migrate', { uri: `exec:zstd -1 -T2 -c >${quote(file)}` })
  const saved = async () => {
    const { status, ...rest } = await qmp.command<{ status?: string }>('query-migrate')
    if (status === 'failed') throw new Error(`QEMU could not save the PC: ${JSON.stringify(rest)}`)
    return status === 'completed'
  }
  await until('the PC is saved', saved, { limitS: 300, everyMs: 100 })
}

/** Where a PC's memory comes from, for QEMU's `-incoming`. */
export function incoming(file: string): string {
  return `exec:zstd -dc ${quote(file)}`
}

/** Resolves when all of it has been read; the PC stands still until it is told to go on. */
export async function untilResumed(qmp: Qmp, signal?: AbortSignal): Promise<void> {
  const there = async () => (await qmp.command<{ status: string }>('query-status')).status !== 'inmigrate'
  await until('the saved state is read', there, { limitS: 300, everyMs: 50, signal })
}
