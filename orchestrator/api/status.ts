import { freemem, networkInterfaces, totalmem } from 'node:os'
import { join } from 'node:path'
import { asReason, type BootIntent } from '../boot/index.ts'
import { insertedCartridge } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { readJson, readTextOr } from '../host/atomic.ts'
import { desktopState } from '../host/desktop-state.ts'
import type { Machine } from '../host/machine.ts'
import { asObject } from '../host/objects.ts'
import { version } from '../host/version.ts'
import { isBelowFloor, lackOf, roomWith } from '../space/index.ts'
import type { Status } from './contract.ts'

/** Everything the first screen shows, read from files; of the running machine also from systemd and the network. */
export async function readStatus(machine: Machine): Promise<Status> {
  const { config, error } = loadConfig(machine)
  return {
    version,
    intent: readIntent(machine),
    operatingSystem: readOperatingSystem(machine),
    console: await readConsole(machine),
    memory: readMemory(machine),
    space: readSpace(machine, config),
    addresses: machine.live ? readAddresses() : [],
    bootKey: config.boot.key,
    configError: error,
    passthrough: await readPassthrough(machine, config),
  }
}

function readIntent(machine: Machine): BootIntent | null {
  const { intent, reason, waitedMs } = asObject(readJson(machine.paths.intent))
  const known = asReason(reason)
  if (!known || (intent !== 'desktop' && intent !== 'recovery')) return null
  return { intent, reason: known, ...(typeof waitedMs === 'number' ? { waitedMs } : {}) }
}

function readOperatingSystem(machine: Machine): Status['operatingSystem'] {
  try {
    const { name, title } = insertedCartridge(machine)
    return { name, title }
  } catch {
    return null
  }
}

async function readConsole(machine: Machine): Promise<Status['console']> {
  const known = asObject(readJson(machine.paths.watchdog))
  const { isActive: running } = await desktopState(machine)
  return {
    running,
    healthy: running && known.healthy === true,
    starts: asCount(known.starts),
    crashes: Array.isArray(known.crashes) ? known.crashes.length : asCount(known.crashes),
  }
}

/** proc_meminfo(5) counts in units of 1024 bytes. */
function readMemory(machine: Machine): Status['memory'] {
  const text = readTextOr(join(machine.paths.proc, 'meminfo'), '')
  const bytes = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)
    return match ? Number(match[1]) * 1024 : undefined
  }
  return { total: bytes('MemTotal') ?? totalmem(), available: bytes('MemAvailable') ?? freemem() }
}

function readSpace(machine: Machine, config: Config): Status['space'] {
  try {
    const room = roomWith(machine.paths.data, config.snapshots.free_floor_gib)
    const { freeBytes: free, floorBytes } = room
    const warning = isBelowFloor(room) ? `No moments are kept: ${lackOf(room)}.` : null
    return { free, floor: Math.floor(floorBytes), warning }
  } catch {
    return null
  }
}

function readAddresses(): Status['addresses'] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && !scopeid)
      .map(({ address }) => ({ interface: name, address })),
  )
}

/** The plan that was carried out; before the first start of this boot, the one that would be. */
async function readPassthrough(machine: Machine, config: Config): Promise<Status['passthrough']> {
  const { devices } = asObject(readJson(machine.paths.plan))
  return (Array.isArray(devices) ? devices : await wouldBePlanned(machine, config)).flatMap(
    (device: unknown) => {
      const { address, description, given, reason } = asObject(device)
      if (typeof address !== 'string') return []
      return [
        {
          address: asText(address),
          description: asText(description),
          given: given === true,
          reason: asText(reason),
        },
      ]
    },
  )
}

async function wouldBePlanned(machine: Machine, config: Config): Promise<readonly unknown[]> {
  const { planPassthrough, readTopology } = await import('../devices/index.ts')
  return planPassthrough(readTopology(machine), config).devices
}

function asCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\p{C}+/gu, ' ') : ''
}
