import { mkdir, mkdtemp, rmdir, writeFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { basename, join } from 'node:path'
import process from 'node:process'
import { until } from '../fair-time.ts'
import { kernelFont } from '../pc/font.ts'
import type { PcOptions } from '../pc/pc.ts'
import { Container } from './container.ts'
import { ControlGroup } from './control-group.ts'
import { Payload } from './payload.ts'
import { letGo, runNow } from './run-now.ts'
import { Terminal } from './terminal.ts'

export type ContainerSpec = {
  /** The data partition: a file with a btrfs, to which the container writes. */
  disk: string
  /** Opens recovery at this start. */
  recovery?: boolean
  /** deskvisor.toml; `emulated` unless given. It stays on the disk for later starts. */
  config?: string | null
  /** systemd credentials by name. */
  credentials?: Record<string, string>
  /** Files of this machine, and where they appear inside. */
  binds?: Record<string, string>
}

const guestMib = 768

/** A desktop whose processor and display are emulated, with no more memory than the test guest needs. */
export const emulated = `[console]
without_kvm = "emulate"
memory_reserve_mib = ${Math.max(256, Math.floor(totalmem() / 2 ** 20) - guestMib)}
`

let number = 0

/** Switches a container on. `await using` switches it off again whatever happens. Needs root. */
export async function startContainer(spec: ContainerSpec, options: PcOptions): Promise<Container> {
  const { results, cache, signal } = options
  await mkdir(results, { recursive: true })
  const name = `deskvisor-${process.pid}-${number++}`
  const place = (kind: string) => join(results, `${kind}-${number}`)
  const font = await kernelFont(cache)
  const mounted = await mkdtemp(`${spec.disk}-mounted-`)
  runNow('mount', ['-o', 'loop,noatime', spec.disk, mounted])
  const unmount = () => letGo(mounted)
  // Before the folder is removed that the disk is in.
  process.prependOnceListener('exit', unmount)
  try {
    await prepare(mounted, spec)
    const credentials: Record<string, string> = {}
    for (const [credential, text] of Object.entries(spec.credentials ?? {})) {
      credentials[credential] = join(`${spec.disk}-${basename(credential)}`)
      await writeFile(credentials[credential], text)
    }
    const terminal = await Terminal.open(place('tty1.log'))
    const group = new ControlGroup(name)
    const binds = { [terminal.device]: '/dev/tty1', ...spec.binds }
    const payload = new Payload({ name, group, data: mounted, binds, credentials, log: place('nspawn.log') })
    const off = async () => {
      process.removeListener('exit', unmount)
      await group.remove()
      terminal.close()
      await unmountAll(mounted)
      await rmdir(mounted)
    }
    return new Container({ payload, group, terminal, disk: spec.disk, off, results, font, signal })
  } catch (error) {
    process.removeListener('exit', unmount)
    unmount()
    throw error
  }
}

/** Another container that starts in this moment has what is mounted here, too, until it has let go of it. */
async function unmountAll(mounted: string): Promise<void> {
  const unmount = () => {
    try {
      runNow('umount', [mounted])
      return true
    } catch {
      return undefined
    }
  }
  await until(`${mounted} can be unmounted`, unmount, { limitS: 30, everyMs: 50 })
}

async function prepare(mounted: string, { recovery, config }: ContainerSpec): Promise<void> {
  if (config !== null) await writeFile(join(mounted, 'deskvisor.toml'), config ?? emulated)
  if (!recovery) return
  await mkdir(join(mounted, 'boot'), { recursive: true })
  await writeFile(join(mounted, 'boot/next'), '{"intent":"recovery"}\n')
}
