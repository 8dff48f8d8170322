import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MachineTree } from '../machine-tree.ts'
import { benchPlaces } from '../places.ts'
import { list, type Measure, median } from '../row.ts'

/** bash(1): EPOCHREALTIME is the time with microseconds, read without starting another program. */
const stopwatch = 'echo $EPOCHREALTIME >"$STARTED"; "$@"; echo $EPOCHREALTIME >"$ENDED"'
const timeoutMs = 10_000

const boot: Measure = {
  name: 'boot',
  sentence: '`deskvisor boot` until QEMU is started, on a recorded machine',
  async take(rounds) {
    using tree = new MachineTree()
    for (const name of ['systemctl', 'journalctl'])
      writeFileSync(join(tree.aside, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    using _ = await systemdOf(tree)
    const figures: number[] = []
    const baselines: number[] = []
    // The first round warms the page cache and is not counted.
    for (let round = 0; round <= rounds; round++) {
      tree.ordinaryBoot()
      const ours = await timed(tree, [benchPlaces.deskvisor, 'boot', '--root', tree.root], 'spawned')
      const bare = await timed(tree, [benchPlaces.node, '-e', '0'], 'ended')
      if (round === 0) continue
      figures.push(ours)
      baselines.push(bare)
    }
    return [
      {
        name: 'boot → QEMU started',
        unit: 'ms',
        figure: median(figures),
        baseline: median(baselines),
        target: { of: 'ratio', atMost: 3 },
        note:
          'from fork and exec of dist/deskvisor boot --root TREE until systemd is told to start QEMU, against all of node -e 0, on ' +
          `this machine; devices are bound already; ms: ${list(figures)} against ${list(baselines)}`,
      },
    ]
  },
}

export default boot

/** Stands in for systemd and writes down when it is told to start QEMU. */
async function systemdOf(tree: MachineTree): Promise<Disposable> {
  const socket = tree.machine.paths.systemd
  mkdirSync(dirname(socket), { recursive: true })
  const server: Server = createServer((client) => {
    client.on('error', () => {})
    client.once('data', () => writeFileSync(join(tree.aside, 'spawned'), `${now()}\n`))
  })
  server.listen(socket)
  await once(server, 'listening')
  return { [Symbol.dispose]: () => server.close() }
}

/** The same clock as bash's EPOCHREALTIME. */
function now(): number {
  return (performance.timeOrigin + performance.now()) / 1000
}

/** Milliseconds from the start of a program to what is recorded; the program is killed then. */
async function timed(tree: MachineTree, command: string[], until: 'spawned' | 'ended'): Promise<number> {
  const files = { STARTED: 'started', SPAWNED: 'spawned', ENDED: 'ended' }
  const env: Record<string, string> = { PATH: `${tree.aside}:/usr/sbin:/usr/bin:/sbin:/bin`, LANG: 'C.UTF-8' }
  for (const [name, file] of Object.entries(files)) {
    env[name] = join(tree.aside, file)
    rmSync(join(tree.aside, file), { force: true })
  }
  const child = spawn('bash', ['-c', stopwatch, 'bash', ...command], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  let words = ''
  child.stderr.on('data', (data: Buffer) => {
    words += data.toString()
  })
  const gone = once(child, 'exit')
  const deadline = performance.now() + timeoutMs
  const timeOf = (name: string) => {
    const file = join(tree.aside, name)
    return existsSync(file) ? Number(readFileSync(file, 'utf8')) * 1000 : 0
  }
  try {
    while (!timeOf(until)) {
      const over = performance.now() > deadline || (timeOf('ended') && until !== 'ended')
      if (over) throw new Error(`${command.join(' ')} did not get as far as expected: ${words.trim()}`)
      // Seldom enough not to take part in what is measured: two processors are all there may be.
      await sleep(20)
    }
    return timeOf(until) - timeOf('started')
  } finally {
    // A process group of its own: bash and what it started.
    if (child.pid && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await gone
  }
}
