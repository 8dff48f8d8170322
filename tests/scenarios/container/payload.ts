import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { start } from '../pc/process.ts'
import type { ControlGroup } from './control-group.ts'
import { shippedRoot } from './shipped-root.ts'

/** systemd-nspawn ends with this status when the container wants to restart (systemd: src/nspawn/nspawn.c). */
const restartStatus = 133
/**
 * Where systemd keeps cgroup v1, the systemd inside is told to use v2 all the same, and the tools to bear with it. Without a
 * filter of system calls, which up to systemd 252 keeps the systemd inside from loading BPF programs, and so from IPAddressDeny=.
 */
const environment = {
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1',
  SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE: '1',
  SYSTEMD_SECCOMP: '0',
}

export type PayloadOptions = {
  name: string
  group: ControlGroup
  /** The mounted data partition. */
  data: string
  /** Devices and files of this machine, and where they appear inside. */
  binds: Record<string, string>
  /** systemd credentials by name, as files. */
  credentials: Record<string, string>
  log: string
}

/** systemd-nspawn and what it boots, which it boots anew as often as the system inside restarts. */
export class Payload {
  readonly #options: PayloadOptions
  #supervisor: ChildProcess | undefined
  /** How often a system was booted. */
  boots = 0
  /** Resolves with the status of systemd-nspawn when the system inside does not come back. */
  readonly ended: Promise<number | null>

  constructor(options: PayloadOptions) {
    this.#options = options
    this.ended = new Promise((resolve) => this.#boot(resolve))
  }

  /** The process that is number 1 inside; undefined while there is none. */
  get leader(): number | undefined {
    const pid = this.#supervisor?.pid
    if (pid === undefined) return undefined
    const children = readOr(`/proc/${pid}/task/${pid}/children`)
    const leader = Number(children.trim().split(' ')[0])
    // Until systemd has taken over, the name is that of systemd-nspawn.
    return leader > 0 && /^systemd$/m.test(readOr(`/proc/${leader}/comm`)) ? leader : undefined
  }

  #boot(resolve: (status: number | null) => void): void {
    const { group, log } = this.#options
    const [program = '', ...args] = group.within(this.#command())
    this.#supervisor = start(program, args, log, environment)
    this.boots++
    this.#supervisor.once('exit', (status) => {
      if (status === restartStatus) this.#boot(resolve)
      else resolve(status)
    })
  }

  #command(): string[] {
    const { name, data, binds, credentials } = this.#options
    return [
      ...['systemd-nspawn', '--boot', '--machine', name, '--directory', shippedRoot()],
      ...['--read-only', '--tmpfs=/var', `--bind=${data}:/var/lib/deskvisor`, '--private-network'],
      ...Object.entries(binds).map(([outside, inside]) => `--bind=${outside}:${inside}`),
      ...Object.entries(credentials).map(([credential, file]) => `--load-credential=${credential}:${file}`),
      ...['--capability=all', '--register=no', '--keep-unit', '--console=pipe'],
      ...['--resolv-conf=off', '--timezone=off', '--link-journal=no'],
    ]
  }
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
