import { freemem, networkInterfaces, totalmem } from 'node:os'
import { join } from 'node:path'
import { asReason, type BootIntent } from '../boot/index.ts'
import { insertedCartridge } from '../cartridges/index.ts'
import { type Config, loadConfig } from '../config/index.ts'
import { readJson, readTextOr } from '../host/atomic.ts'
import { consoleUnit } from '../host/desktop-units.ts'
import { asObject } from '../host/objects.ts'
import { paths } from '../host/paths.ts'
import { unitActive } from '../host/systemd.ts'
import { version } from '../host/version.ts'
import { isBelowFloor, lackOf, roomWith } from '../space/index.ts'
import type { Status } from './contract/status.ts'

/** Everything the first screen shows, read from files below `root`; only `/` asks systemd and the network too. */
export async function readStatus(root: string): Promise<Status> {
  const { config, error } = loadConfig(root)
  return {
    version,
    intent: readIntent(root),
    operatingSystem: readOperatingSystem(root),
    console: await readConsole(root),
    memory: readMemory(root),
    space: readSpace(root, config),
    addresses: root === '/' ? readAddresses() : [],
    bootKey: config.boot.key,
    configError: error,
    passthrough: await readPassthrough(root, config),
  }
}

function readIntent(root: string): BootIntent | null {
  const { intent, reason, waitedMs } = asObject(readJson(paths(root).intent))
  const known = asReason(reason)
  if (!known || (intent !== 'desktop' && intent !== 'recovery')) return null
  return { intent, reason: known, ...(typeof waitedMs === 'number' ? { waitedMs } : {}) }
}

function readOperatingSystem(root: string): Status['operatingSystem'] {
  try {
    const { name, title } = insertedCartridge(root)
    return { name, title }
  } catch {
    return null
  }
}

async function readConsole(root: string): Promise<Status['console']> {
  const known = asObject(readJson(paths(root).watchdog))
  const running = root === '/' && (await unitActive(consoleUnit))
  return {
    running,
    healthy: running && known.healthy === true,
    starts: asCount(known.starts),
    crashes: Array.isArray(known.crashes) ? known.crashes.length : asCount(known.crashes),
  }
}

/** proc_meminfo(5) counts in units of 1024 bytes. */
function readMemory(root: string): Status['memory'] {
  const text = readTextOr(join(paths(root).proc, 'meminfo'), '')
  const bytes = (name: string) => {
    const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)
    return match ? Number(match[1]) * 1024 : undefined
  }
  return { total: bytes('MemTotal') ?? totalmem(), available: bytes('MemAvailable') ?? freemem() }
}

function readSpace(root: string, config: Config): Status['space'] {
  try {
    const room = roomWith(paths(root).data, config.snapshots.free_floor_gib)
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
async function readPassthrough(root: string, config: Config): Promise<Status['passthrough']> {
  const { devices } = asObject(readJson(paths(root).plan))
  return (Array.isArray(devices) ? devices : await wouldBePlanned(root, config)).flatMap(
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

async function wouldBePlanned(root: string, config: Config): Promise<readonly unknown[]> {
  const { planPassthrough, readTopology } = await import('../devices/index.ts')
  return planPassthrough(readTopology(root), config).devices
}

function asCount(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\p{C}+/gu, ' ') : ''
}
