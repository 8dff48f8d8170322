import { consoleUnit } from '../host/desktop-state.ts'
import type { Property } from '../host/start-transient.ts'

export { consoleUnit }

export type UnitOptions = {
  user: string
  /** IOMMU groups that QEMU may open. */
  groups: string[]
  sees: Sight
  command: string[]
}

/** All that a program of the console sees of what the machine keeps: folders and files below /var and /run. */
export type Sight = {
  /** May be written to. Never a folder that is locked, nor one that such a folder is in (cartridges/lock.ts). */
  writable: string[]
  readable: string[]
}

/** What stands for "infinity", and a set of no flags. */
const [infinity, none] = [2n ** 64n - 1n, 0]
/** EPERM of errno(3). */
const permissionDenied = 1
/** A part of the kernel in which much was found, and which QEMU does without. */
const ioUring = ['io_uring_setup', 'io_uring_enter', 'io_uring_register']
const priorities = ['setpriority', 'ioprio_set', 'sched_setattr', 'sched_setparam', 'sched_setscheduler']

/**
 * The properties of QEMU's unit, which start it unprivileged and shut in: systemd.exec(5), systemd.resource-control(5), with the
 * types of org.freedesktop.systemd1(5). Not collected when it fails: the result of the unit tells the watchdog how QEMU ended.
 */
export function unitProperties({ user, groups, sees, command }: UnitOptions): Property[] {
  const devices = ['/dev/kvm', ...(groups.length > 0 ? ['/dev/vfio/vfio'] : [])]
  return [
    text('Description', 'The desktop virtual machine'),
    ...confinement(user, sees),
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
    withoutLoopback,
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

/** What shuts a program of the console in, whichever it is. */
export function confinement(user: string, { writable, readable }: Sight): Property[] {
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
    ...wordsInTime,
    number('TimeoutStopUSec', 20_000_000),
    flag('NoNewPrivileges'),
    number('CapabilityBoundingSet', none),
    number('AmbientCapabilities', none),
    text('ProtectSystem', 'strict'),
    // Its user may read the disk of every operating system that was ever played, and who can open a folder can lock it.
    ['TemporaryFileSystem', 'a(ss)', ['/var', '/run'].map((path) => [path, 'ro'])],
    ...binds('BindPaths', writable),
    ...binds('BindReadOnlyPaths', readable),
    text('ProtectHome', 'yes'),
    // Not PrivateTmp=: it waits for systemd-tmpfiles-setup.service, and QEMU has no use for a folder of that kind.
    list('InaccessiblePaths', '-/tmp', '-/mnt', '-/media'),
    flag('ProtectKernelTunables'),
    flag('ProtectKernelModules'),
    flag('ProtectKernelLogs'),
    flag('ProtectControlGroups'),
    flag('ProtectHostname'),
    flag('ProtectClock'),
    flag('PrivateIPC'),
    flag('RemoveIPC'),
    flag('RestrictRealtime'),
    number('TasksMax', 1024),
    text('ProtectProc', 'invisible'),
    // Namespaces that may be made.
    number('RestrictNamespaces', none),
    flag('RestrictSUIDSGID'),
    flag('LockPersonality'),
    list('SystemCallArchitectures', 'native'),
    ...systemCalls,
    text('DevicePolicy', 'closed'),
  ]
}

/**
 * What a guest can make QEMU and its TPM say: the journal takes so much in ten minutes (up to five times as much while it
 * has room), and a line of its own tells how much it left out (journald.conf(5), RateLimitBurst=).
 */
const wordsInTime: Property[] = [
  number('LogRateLimitIntervalUSec', 600_000_000),
  ['LogRateLimitBurst', 'u', 100],
]

/**
 * What an ordinary service needs (systemd.exec(5), "System call sets"), less what these have no use for. A call that is not
 * among them fails, as in a kernel without it: QEMU asks for some only to see whether they are there.
 */
const systemCalls: Property[] = [
  ['SystemCallFilter', '(bas)', [true, ['@system-service']]],
  ['SystemCallFilter', '(bas)', [false, ['@keyring', '@setuid', 'userfaultfd', ...ioUring, ...priorities]]],
  ['SystemCallErrorNumber', 'i', permissionDenied],
]

/**
 * QEMU's network for the guest takes the guest's "10.0.2.2", and every address of the loopback, for this machine's own loopback,
 * on which services listen that trust whoever can reach them: 127.0.0.0/8 and ::1, of address family 2 and 10.
 */
const withoutLoopback: Property = [
  'IPAddressDeny',
  'a(iayu)',
  [
    [2, Buffer.of(127, 0, 0, 0), 8],
    [10, Buffer.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), 128],
  ],
]

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

/** The same path inside as outside; without the mounts below it. An empty list would undo what was said of the others before. */
function binds(name: string, places: string[]): Property[] {
  return places.length === 0 ? [] : [[name, 'a(ssbt)', places.map((path) => [path, path, false, none])]]
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
