import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run, runOrThrow } from '../../orchestrator/host/process.ts'

/** A mounted btrfs on a disk whose every write and flush is on record. */
export type LoggedDisk = {
  log: string
  /** The disk before the first recorded write. */
  base: string
  /** Unmounts; the log is complete then. */
  close(): Promise<void>
}

/**
 * Makes a btrfs of `bytes` in a file below `folder`, has it filled, and mounts it again on a disk that QEMU's block layer
 * records (blklogwrites, exported by FUSE). Needs root.
 */
export async function openLoggedDisk(options: {
  folder: string
  bytes: number
  mounted: string
  fill: () => Promise<void>
}): Promise<LoggedDisk> {
  const { folder, bytes, mounted, fill } = options
  const place = (name: string) => join(folder, name)
  const [disk, base, log, exported] = [place('disk.raw'), place('base.raw'), place('log'), place('export')]
  mkdirSync(mounted, { recursive: true })
  for (const file of [disk, log, exported]) writeFileSync(file, '')
  await runOrThrow('truncate', ['-s', String(bytes), disk])
  await runOrThrow('mkfs.btrfs', ['-q', '-f', '-m', 'single', disk])
  await withMounted(disk, mounted, fill)
  await runOrThrow('cp', ['--sparse=always', disk, base])
  const daemon = spawn('qemu-storage-daemon', storageArguments({ disk, log, exported }), { stdio: 'inherit' })
  const ended = once(daemon, 'exit')
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
  }
  try {
    while (statSync(exported).size !== bytes) {
      if (daemon.exitCode !== null) throw new Error('qemu-storage-daemon did not start')
      await sleep(20)
    }
    const loop = (await runOrThrow('losetup', ['--find', '--show', exported])).trim()
    const detach = () => runOrThrow('losetup', ['--detach', loop])
    try {
      await runOrThrow('mount', ['-o', 'noatime', loop, mounted])
    } catch (error) {
      await detach()
      throw error
    }
    const close = async () => {
      await unmount(mounted)
      await detach()
      await stop()
    }
    return { log, base, close }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Mounts a disk file while `work` runs. What the file holds does not change, so a mount that fails is tried again: the
 * kernel lets go of the loop device of the mount before only a while after its end.
 */
export async function withMounted<T>(disk: string, on: string, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const { status, stderr } = await run('mount', ['-o', 'loop,noatime', disk, on], { timeoutMs: 60_000 })
    if (status === 0) break
    if (tries === 5) throw new Error(`mount failed (${status}): ${stderr.trim()}`)
    await sleep(500)
  }
  try {
    return await work()
  } finally {
    await unmount(on)
  }
}

/** A container that starts in this moment has what is mounted here, too, until it has let go of it. */
async function unmount(folder: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    const { status, stderr } = await run('umount', [folder], { timeoutMs: 120_000 })
    if (status === 0) return
    if (tries === 50) throw new Error(`umount failed (${status}): ${stderr.trim()}`)
    await sleep(100)
  }
}

function storageArguments({
  disk,
  log,
  exported,
}: {
  disk: string
  log: string
  exported: string
}): string[] {
  return [
    ...['--blockdev', `driver=file,node-name=disk,filename=${disk},discard=unmap`],
    ...['--blockdev', `driver=file,node-name=log,filename=${log}`],
    ...['--blockdev', 'driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512'],
    ...[
      '--export',
      `type=fuse,id=export,node-name=logged,mountpoint=${exported},writable=on,allow-other=off`,
    ],
  ]
}
