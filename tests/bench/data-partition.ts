import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { removedSubvolumesAreFreed } from '../../orchestrator/host/btrfs-search.ts'
import { machineAt } from '../../orchestrator/host/machine.ts'
import { Btrfs, noBtrfs } from '../unit/fixtures/btrfs.ts'

/** Of Debian's package ovmf; new cartridges get a copy. */
const uefiVars = '/usr/share/OVMF/OVMF_VARS_4M.fd'

/** Why there can be none here; false when there can. */
export const noDataPartition = noBtrfs

/** A root with a data partition as a real machine has it: btrfs, here on a loop device. */
export class DataPartition implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'deskvisor-bench-'))
  readonly machine = machineAt(this.root)
  readonly #undo: (() => void)[] = []
  /** Also when somebody ends the benchmarks. */
  readonly #end = () => this[Symbol.dispose]()

  /** `bytes`: its size; the file behind it is sparse. */
  constructor(bytes: number) {
    const firmware = join(this.root, 'usr/share/OVMF')
    const { data, consoleRun } = this.machine.paths
    for (const folder of [firmware, data, consoleRun]) mkdirSync(folder, { recursive: true })
    copyFileSync(uefiVars, join(firmware, basename(uefiVars)))
    process.once('exit', this.#end)
    new Btrfs({ teardown: (handler) => this.#undo.push(handler) }, { bytes, mount: data })
  }

  /** As after a start of the machine: everything is written back, and the space of what was removed is free. */
  async rest(): Promise<void> {
    await removedSubvolumesAreFreed(this.machine.paths.data)
  }

  [Symbol.dispose](): void {
    process.removeListener('exit', this.#end)
    for (const undo of this.#undo) undo()
    rmSync(this.root, { recursive: true, force: true })
  }
}
