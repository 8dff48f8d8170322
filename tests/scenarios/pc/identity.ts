import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { release, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { composePc } from './compose.ts'
import { places } from './places.ts'
import { completeSpec, type PcSpec } from './spec.ts'

/**
 * A short name for a saved memory of this PC, of use only to the same QEMU with the same machine, disk and processor. A window,
 * which is none of the machine, makes no difference.
 */
export async function identityOf(spec: PcSpec, disk: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'deskvisor-identity-'))
  try {
    const { args } = await composePc(completeSpec({ ...spec, window: false, disk: basename(disk) }), {
      folder,
      cache: places.cache,
      serial: join(folder, 'ttyS0'),
      log: join(folder, 'trace.log'),
    })
    const { stdout: version } = await promisify(execFile)('qemu-system-x86_64', ['--version'])
    const processor = /^model name.*/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[0] ?? ''
    const all = [args.join('\n').replaceAll(folder, ''), version, processor, release()]
    return createHash('sha256').update(all.join('\n')).digest('hex').slice(0, 16)
  } finally {
    await rm(folder, { recursive: true })
  }
}
