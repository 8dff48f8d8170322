import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expectDesktop, expectHealthy } from '../../scenarios/expect.ts'
import type { Pc } from '../../scenarios/pc/pc.ts'
import type { SavedState } from '../../scenarios/pc/saved-state.ts'
import { consoleStarts, withSavedPc } from '../console-pc.ts'
import { hostMemory } from '../memory.ts'
import { benchPlaces } from '../places.ts'
import { list, type Measure, median, type Row } from '../row.ts'
import { unitStart } from '../times.ts'

/** Where node stands inside the PC; the data partition allows programs and is not memory. */
const node = '/var/lib/deskvisor/.bench-node'
/** Each round runs node so often; a single short program scatters. */
const nodesInRound = 3
/** Seconds for which a PC whose console was stopped is left alone: devices that were given back come up again. */
const restS = 5
/** Seconds after which a healthy console is taken to be at rest. */
const settleS = 10

const consoleMeasure: Measure = {
  name: 'console',
  sentence: '`deskvisor boot` until QEMU is started, and memory, on the shipped image in a virtual PC',
  async take(rounds, log) {
    return withSavedPc(desktopWithNode, async (pc) => {
      const first = await startTimes(pc)
      log(`the first start after power-on took ${list([first.whole])} ms`)
      await sleep(settleS * 1000)
      const memory = await memoryRows(pc, rounds)
      const starts: StartTimes[] = []
      const bare: number[] = []
      // The first round warms the page cache and is not counted.
      for (let round = 0; round <= rounds; round++) {
        const times = await oneRound(pc)
        log(
          `round ${round}: QEMU started after ${list([times.start.whole])} ms; node -e 0: ${list(times.bare)} ms`,
        )
        if (round === 0) continue
        starts.push(times.start)
        bare.push(...times.bare)
      }
      return [startRow(starts, bare, first), ...memory]
    })
  },
}

export default consoleMeasure

/** A healthy desktop, on a PC whose host has a node to compare with. */
const desktopWithNode: SavedState = {
  name: 'bench-console',
  spec: { extraDisks: [{ file: benchPlaces.node, format: 'raw', readOnly: true }] },
  reach: async (pc) => {
    await expectDesktop(pc)
    await expectHealthy(pc)
    await copyNode(pc)
  },
}

/** Milliseconds from the exec of `deskvisor boot` to the exec of QEMU, and of these until there was a plan. */
type StartTimes = { whole: number; decided: number }

async function startTimes(pc: Pc): Promise<StartTimes> {
  const boot = await unitStart(pc, 'deskvisor-boot.service')
  const qemu = await unitStart(pc, 'deskvisor-console.service')
  const { stdout } = await pc.shell(['stat', '-c', '%.6Y', '/run/deskvisor/plan.json'])
  const whole = (qemu.monotonicUs - boot.monotonicUs) / 1000
  return { whole, decided: (Number(stdout) * 1e6 - boot.clockUs) / 1000 }
}

/**
 * Stops the console, which ends the watchdog as well, runs node for comparison, and boots again as after power-on: with
 * nothing of the last start in /run but what the sampler of the boot key left there.
 */
async function oneRound(pc: Pc): Promise<{ start: StartTimes; bare: number[] }> {
  const stop = `systemctl stop deskvisor-console.service
for i in $(seq 60); do systemctl is-active --quiet deskvisor-boot.service || break; sleep 1; done
cd /run/deskvisor && rm -rf console && find . -name '*.json' ! -name boot-key.json -delete
echo 0 >/var/lib/deskvisor/boot/attempts; sync; systemctl reset-failed; sleep ${restS}`
  await succeed(pc, stop)
  const stopwatch = `for i in $(seq ${nodesInRound}); do s=$EPOCHREALTIME; ${node} -e 0; echo $s $EPOCHREALTIME; done`
  const lines = (await succeed(pc, ['bash', '-c', stopwatch])).trim().split('\n')
  const bare = lines.map((line) => {
    const [start = Number.NaN, end = Number.NaN] = line.split(' ').map(Number)
    return (end - start) * 1000
  })
  await succeed(pc, 'systemctl start deskvisor-boot.service')
  await consoleStarts(pc)
  return { start: await startTimes(pc), bare }
}

async function copyNode(pc: Pc): Promise<void> {
  const { size } = await stat(benchPlaces.node)
  await succeed(
    pc,
    `head -c ${size} /dev/disk/by-id/virtio-extra0 >${node} && chmod 755 ${node} && sync && ${node} -e 0`,
  )
}

async function succeed(pc: Pc, command: string | string[]): Promise<string> {
  const { status, stdout, stderr } = await pc.shell(command, { limitS: 200 })
  if (status !== 0) throw new Error(`${command} failed (${status}): ${stdout}${stderr}`)
  return stdout
}

function startRow(starts: StartTimes[], bare: number[], first: StartTimes): Row {
  const whole = starts.map((start) => start.whole)
  const part = (name: keyof StartTimes) => list([median(starts.map((start) => start[name]))])
  return {
    name: 'boot → QEMU started, in a PC',
    unit: 'ms',
    figure: median(whole),
    baseline: median(bare),
    target: { of: 'ratio', atMost: 3 },
    note:
      `by systemd's timestamps on the shipped image, with real devices; until the plan ${part('decided')}; ` +
      `ms: ${list(whole)} against ` +
      `${list(bare)}; with nothing in the page cache, right after power-on: ${list([first.whole])} (${list([first.decided])})`,
  }
}

async function memoryRows(pc: Pc, rounds: number): Promise<Row[]> {
  const readings: Awaited<ReturnType<typeof hostMemory>>[] = []
  for (let round = 0; round < rounds; round++) {
    readings.push(await hostMemory(pc))
    await sleep(3000)
  }
  const anonymous = readings.map((reading) => reading.watchdogAnonymous)
  const beside = readings.map((reading) => reading.besideGuest)
  const last = readings.at(-1)
  return [
    {
      name: 'watchdog, anonymous memory',
      unit: 'MiB',
      figure: median(anonymous),
      baseline: null,
      target: { of: 'figure', atMost: 16 },
      note: `RssAnon of /proc/PID/status, beside a running and healthy console: ${list(anonymous)}`,
    },
    {
      name: 'host memory beside the VM',
      unit: 'MiB',
      figure: median(beside),
      baseline: null,
      target: { of: 'figure', atMost: 220 },
      note:
        `MemTotal (${list([last?.total ?? 0])}) − MemAvailable − resident part of QEMU's largest mapping, which is the guest's ` +
        `memory (${list([last?.guest ?? 0])}); QEMU's own memory, page tables and the test shell count as host: ${list(beside)}`,
    },
  ]
}
