import { consoleUnit } from '../host/desktop-units.ts'
import type { Property } from '../host/start-transient.ts'

export { consoleUnit }

export type UnitOptions = {
  user: string
  /** IOMMU groups that QEMU may open. */
  groups: string[]
  /** Folders and files that QEMU may write to. */
  writable: string[]
  command: string[]
}

/** What stands for "infinity", and a set of no flags. */
const [infinity, none] = [2n ** 64n - 1n, 0]

/**
 * The properties of QEMU's unit, which start it unprivileged and shut in: systemd.exec(5), systemd.resource-control(5), with the
 * types of org.freedesktop.systemd1(5). Not collected when it fails: the result of the unit tells the watchdog how QEMU ended.
 */
export function unitProperties({ user, groups, writable, command }: UnitOptions): Property[] {
  const devices = ['/dev/kvm', ...(groups.length > 0 ? ['/dev/vfio/vfio'] : [])]
  return [
    text('Description', 'The desktop virtual machine'),
    ...confinement(user, writable),
    list('SupplementaryGroups', 'kvm'),
    // QEMU begins to tell its events once this was said to it (qmp-spec, "Capabilities Negotiation").
    text('StandardInput', 'data'),
    ['StandardInputData', 'ay', Buffer.from('{"execute":"qmp_capabilities"}\n')],
    // VFIO pins all of the guest's memory.
    ...limit('LimitMEMLOCK', infinity),
    ...limit('LimitNOFILE', 65536),
    // Below the default of 100: with all virtual processors busy, the host's own services still get their turn.
    number('CPUWeight', 20),
    number('IOWeight', 50),
    families('AF_UNIX', 'AF_INET', 'AF_INET6'),
    [
      'DeviceAllow',
      'a(ss)',
      [...devices, ...groups.map((group) => `/dev/vfio/${group}`)].map((path) => [path, 'rw']),
    ],
    ...service(command),
  ]
}

/** A service that counts as started once its program was executed. */
export function service(command: string[]): Property[] {
  const [program = ''] = command
  return [text('Type', 'exec'), ['ExecStart', 'a(sasb)', [[program, command, false]]]]
}

/** What shuts a program of the console in, whichever it is; `writable` is what it may write to. */
export function confinement(user: string, writable: string[]): Property[] {
  return [
    // Started from early boot: it must wait for nothing but what it needs.
    flag('DefaultDependencies', false),
    list('Conflicts', 'shutdown.target'),
    // At shutdown the order is reversed: first the watchdog, which presses the guest's power button, then this.
    list('Before', 'deskvisor-boot.service', 'shutdown.target'),
    text('User', user),
    ['UMask', 'u', 0o027],
    text('StandardOutput', 'journal'),
    text('StandardError', 'journal'),
    number('TimeoutStopUSec', 20_000_000),
    flag('NoNewPrivileges'),
    number('CapabilityBoundingSet', none),
    number('AmbientCapabilities', none),
    text('ProtectSystem', 'strict'),
    list('ReadWritePaths', ...writable),
    text('ProtectHome', 'yes'),
    // Not PrivateTmp=: it waits for systemd-tmpfiles-setup.service, and QEMU has no use for a folder of that kind.
    list('InaccessiblePaths', '-/tmp', '-/var/tmp'),
    flag('ProtectKernelTunables'),
    flag('ProtectKernelModules'),
    flag('ProtectKernelLogs'),
    flag('ProtectControlGroups'),
    flag('ProtectHostname'),
    text('ProtectProc', 'invisible'),
    // Namespaces that may be made.
    number('RestrictNamespaces', none),
    flag('RestrictSUIDSGID'),
    flag('LockPersonality'),
    list('SystemCallArchitectures', 'native'),
    text('DevicePolicy', 'closed'),
  ]
}

/** The only kinds of sockets that may be made. */
export function families(...names: string[]): Property {
  return ['RestrictAddressFamilies', '(bas)', [true, names]]
}

export function text(name: string, value: string): Property {
  return [name, 's', value]
}

function list(name: string, ...values: string[]): Property {
  return [name, 'as', values]
}

function flag(name: string, value = true): Property {
  return [name, 'b', value]
}

function number(name: string, value: number | bigint): Property {
  return [name, 't', value]
}

/** The limit that holds, and the highest that the program may set by itself. */
function limit(name: string, value: number | bigint): Property[] {
  return [number(name, value), number(`${name}Soft`, value)]
}
