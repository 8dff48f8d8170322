import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, runOrThrow } from '../../orchestrator/host/process.ts'
import { until } from '../scenarios/fair-time.ts'

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
  /** This write, counted from the mount, fails with an input/output error. */
  failingWrite?: number | undefined
}): Promise<LoggedDisk> {
  const { folder, bytes, mounted, fill, failingWrite } = options
  const place = (name: string) => join(folder, name)
  const [disk, base, log, exported] = [place('disk.raw'), place('base.raw'), place('log'), place('export')]
  mkdirSync(mounted, { recursive: true })
  for (const file of [disk, log, exported]) writeFileSync(file, '')
  await runOrThrow('truncate', ['-s', String(bytes), disk])
  await runOrThrow('mkfs.btrfs', ['-q', '-f', '-m', 'single', disk])
  await withMounted(disk, mounted, fill)
  await runOrThrow('cp', ['--sparse=always', disk, base])
  const daemon = spawn('qemu-storage-daemon', storageArguments({ disk, log, exported, failingWrite }), {
    stdio: 'inherit',
  })
  const ended = once(daemon, 'exit')
  const stop = async () => {
    daemon.kill('SIGTERM')
    await ended
  }
  try {
    const isThere = () => {
      if (daemon.exitCode !== null || daemon.signalCode !== null) throw new Error('qemu-storage-daemon ended')
      return statSync(exported).size === bytes
    }
    await until('the disk of qemu-storage-daemon', isThere, { limitS: 60, everyMs: 20 })
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
  await untilDone('mount', ['-o', 'loop,noatime', disk, on])
  try {
    return await work()
  } finally {
    await unmount(on)
  }
}

/** A container that starts in this moment has what is mounted here, too, until it has let go of it. */
function unmount(folder: string): Promise<void> {
  return untilDone('umount', [folder])
}

async function untilDone(program: string, args: string[]): Promise<void> {
  let problem = ''
  const isDone = async () => {
    const { status, stderr } = await run(program, args)
    problem = `${program} failed (${status}): ${stderr.trim()}`
    return status === 0
  }
  await until(() => problem, isDone, { limitS: 10, everyMs: 100 })
}

function storageArguments({
  disk,
  log,
  exported,
  failingWrite,
}: {
  disk: string
  log: string
  exported: string
  failingWrite: number | undefined
}): string[] {
  return [
    ...['--blockdev', `driver=file,node-name=disk,filename=${disk},discard=unmap`],
    ...['--blockdev', `driver=file,node-name=log,filename=${log}`],
    ...['--blockdev', 'driver=blklogwrites,node-name=logged,file=disk,log=log,log-sector-size=512'],
    ...[
      '--blockdev',
      JSON.stringify({
        driver: 'blkdebug',
        'node-name': 'failing',
        image: 'logged',
        ...failAt(failingWrite),
      }),
    ],
    ...[
      '--export',
      `type=fuse,id=export,node-name=failing,mountpoint=${exported},writable=on,allow-other=off`,
    ],
  ]
}

/** blkdebug(QEMU, docs/devel/blkdebug.rst): each write leads to the next state, and in the last one a write fails, once. */
function failAt(write: number | undefined): object {
  if (write === undefined) return {}
  const event = 'pwritev'
  const states = Array.from({ length: write - 1 }, (_, index) => index + 1)
  return {
    'set-state': states.map((state) => ({ event, state, new_state: state + 1 })),
    'inject-error': [{ event, state: write, iotype: 'write', errno: 5, once: true }],
  }
}
