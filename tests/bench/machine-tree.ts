import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from '../../orchestrator/host/machine.ts'
import { memoryFolder } from '../unit/fixtures/memory-folder.ts'
import { removeTree } from '../unit/fixtures/remove-tree.ts'
import { desktopPc, makeSysfs } from '../unit/fixtures/sysfs.ts'
import { Tree } from '../unit/fixtures/tree.ts'

/** Drivers of what a desktop machine does not give away; the kernel would have bound everything else in the tree. */
const kept = ['nvme', 'igb', 'pcieport', 'i801_smbus']

/**
 * The tree of a desktop machine for `--root`, with an inserted cartridge and a GPU that can be given away. The devices
 * are with vfio-pci already: a made-up sysfs has no kernel behind it that would move them.
 */
export class MachineTree implements Disposable {
  readonly #undo: (() => void)[] = []
  readonly #tree: Tree
  /** A folder beside the tree for programs and records. */
  readonly aside = mkdtempSync(join(tmpdir(), 'deskvisor-bench-'))
  /** /run is memory on every machine; here it is where memory is to be had. */
  readonly #run = mkdtempSync(join(memoryFolder, 'deskvisor-run-'))

  constructor() {
    this.#tree = new Tree({ teardown: (handler) => this.#undo.push(handler) }).withCartridge()
    makeSysfs(
      this.root,
      desktopPc.map((device) =>
        kept.includes(device.driver ?? '') ? device : { ...device, driver: 'vfio-pci' },
      ),
    )
    this.#tree.write('proc/meminfo', 'MemTotal:       32768000 kB\nMemAvailable:   32000000 kB\n')
    this.#tree.write('proc/cmdline', 'quiet\n')
    this.#tree.write('sys/devices/system/cpu/online', '0-15\n')
    this.#tree.write('dev/kvm', '')
    this.#tree.link(this.#run, 'run')
    this.ordinaryBoot()
  }

  get machine(): Machine {
    return this.#tree.machine
  }

  get root(): string {
    return this.#tree.root
  }

  /** As after a healthy boot: no start was counted and nothing runs. */
  ordinaryBoot(): void {
    this.#tree.writeData('boot/attempts', '0\n')
    rmSync(join(this.#run, 'deskvisor'), { recursive: true, force: true })
    mkdirSync(join(this.#run, 'deskvisor'))
    // The keyboard was ready long ago, and nobody pressed anything.
    this.#tree.write(
      'run/deskvisor/boot-key.json',
      '{"pid":null,"keyboards":1,"firstKeyboardMs":1,"pressed":[]}\n',
    )
  }

  [Symbol.dispose](): void {
    const folders = [this.aside, this.#run].map((folder) => () => removeTree(folder))
    const failures = [...this.#undo, ...folders].flatMap(failureOf)
    if (failures.length > 0) throw failures[0]
  }
}

/** What one cannot remove must not keep the next from removing its own. */
function failureOf(undo: () => void): unknown[] {
  try {
    undo()
    return []
  } catch (error) {
    return [error]
  }
}
