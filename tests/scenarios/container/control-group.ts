import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { until } from '../fair-time.ts'
import { letGo, runNow } from './run-now.ts'

let hierarchy: string | undefined
const live = new Set<string>()

/**
 * A control group of a container's own: the systemd in it takes the one it is started in for the root of all, so that two
 * in the same one would end each other's services. Frozen and killed as a whole (kernel: admin-guide/cgroup-v2).
 */
export class ControlGroup {
  readonly folder: string

  constructor(name: string) {
    this.folder = join(mountedHierarchy(), name)
    mkdirSync(this.folder)
    live.add(this.folder)
  }

  /** A program and its arguments, so that it runs in this group from its first instruction. */
  within(command: string[]): string[] {
    const enter = 'echo $$ >"$0/cgroup.procs" && exec "$@"'
    return ['sh', '-c', enter, this.folder, ...command]
  }

  /** Resolves when nothing in it runs any more. */
  async freeze(): Promise<void> {
    writeFileSync(join(this.folder, 'cgroup.freeze'), '1')
    const frozen = () => /^frozen 1$/m.test(this.#events())
    await until('the container stands still', frozen, { limitS: 30, everyMs: 5 })
  }

  /** Ends all that is in it, and removes it. */
  async remove(): Promise<void> {
    kill(this.folder)
    live.delete(this.folder)
    const empty = () => /^populated 0$/m.test(this.#events())
    await until('the container ended', empty, { limitS: 60, everyMs: 10 })
    runNow('find', [this.folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';'])
  }

  #events(): string {
    return readFileSync(join(this.folder, 'cgroup.events'), 'utf8')
  }
}

/** Mounted once more, since not every machine has the second version of control groups where this one may make groups. */
function mountedHierarchy(): string {
  if (hierarchy !== undefined) return hierarchy
  const folder = mkdtempSync(join(tmpdir(), 'deskvisor-cgroup-'))
  runNow('mount', ['-t', 'cgroup2', 'none', folder])
  // Also when somebody ends the tests.
  process.once('exit', () => {
    for (const group of live) kill(group)
    letGo(folder)
  })
  for (const name of readdirSync(folder)) killOrphan(folder, name)
  hierarchy = folder
  return folder
}

/** A test run that was killed outright leaves its containers running. */
function killOrphan(folder: string, name: string): void {
  const owner = /^deskvisor-(\d+)-\d+$/.exec(name)?.[1]
  if (owner === undefined || existsSync(`/proc/${owner}`)) return
  kill(join(folder, name))
}

function kill(group: string): void {
  writeFileSync(join(group, 'cgroup.kill'), '1')
}
