import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { readCartridge } from '../../orchestrator/cartridges/index.ts'
import { ovmfCode, qemuArguments } from '../../orchestrator/console/qemu-arguments.ts'
import { connectQmp, type Qmp } from '../../orchestrator/console/qmp.ts'
import type { Machine } from '../../orchestrator/host/machine.ts'

const startMs = 20_000
/** A guest's requests that are on their way at the same time. */
const queueDepth = 16

/**
 * A console as Deskvisor starts it, with the emulator in place of KVM: firmware that finds nothing to start on the
 * cartridge's disk. What such a guest would write is written through the same QEMU block device (qemu-io in its monitor).
 */
export class BenchGuest implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #qmp: Qmp
  /** Also when somebody ends the benchmarks. */
  readonly #kill = () => this.#child.kill('SIGKILL')

  private constructor(child: ChildProcess, qmp: Qmp) {
    this.#child = child
    this.#qmp = qmp
    process.once('exit', this.#kill)
  }

  static async start(machine: Machine, name: string): Promise<BenchGuest> {
    const args = qemuArguments({
      cartridge: readCartridge(machine, name),
      devices: [],
      withoutRom: new Set(),
      memoryMib: 128,
      cpus: 1,
      kvm: false,
      tpm: false,
      bootPicture: { rom: null, logo: null },
      paths: machine.paths,
      ovmf: ovmfCode,
    })
    const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    try {
      return new BenchGuest(child, await untilReachable(machine.paths.qmp))
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  /** Writes to the disk without flushing it. */
  async write(places: readonly { at: number; bytes: number }[]): Promise<void> {
    const left = [...places]
    const next = async () => {
      for (let place = left.pop(); place; place = left.pop()) {
        const line = `qemu-io -d /machine/peripheral/disk0/virtio-backend "write -q -P ${1 + (place.at % 251)} ${place.at} ${place.bytes}"`
        const said = await this.#qmp.execute('human-monitor-command', { 'command-line': line }, 30_000)
        if (said !== '') throw new Error(`QEMU did not write: ${said}`)
      }
    }
    await Promise.all(Array.from({ length: queueDepth }, next))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.removeListener('exit', this.#kill)
    this.#qmp.close()
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#kill()
    await gone
  }
}

async function untilReachable(socket: string): Promise<Qmp> {
  for (const deadline = performance.now() + startMs; ; await sleep(100)) {
    try {
      return await connectQmp(socket)
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}
