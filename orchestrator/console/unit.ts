import { consoleUnit } from '../host/desktop-units.ts'

export { consoleUnit }

export type UnitOptions = {
  user: string
  /** IOMMU groups that QEMU may open. */
  groups: string[]
  /** Folders and files that QEMU may write to. */
  writable: string[]
  command: string[]
}

/**
 * Arguments of systemd-run(1) that start QEMU unprivileged and shut in: systemd.exec(5), systemd.resource-control(5).
 * Not collected when it fails: the result of the unit tells the watchdog how QEMU ended.
 */
export function unitArguments({ user, groups, writable, command }: UnitOptions): string[] {
  const properties = [
    'Description=The desktop virtual machine',
    ...confinement(user, writable),
    'SupplementaryGroups=kvm',
    // QEMU begins to tell its events once this was said to it (qmp-spec, "Capabilities Negotiation").
    'StandardInput=data',
    // Not StandardInputText=: systemd-run sends it by that name, and the bus knows only the other one (dbus-execute.c).
    `StandardInputData=${Buffer.from('{"execute":"qmp_capabilities"}\n').toString('base64')}`,
    // VFIO pins all of the guest's memory.
    'LimitMEMLOCK=infinity',
    'LimitNOFILE=65536',
    // Below the default of 100: with all virtual processors busy, the host's own services still get their turn.
    'CPUWeight=20',
    'IOWeight=50',
    'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6',
    'DeviceAllow=/dev/kvm rw',
    ...(groups.length > 0 ? ['DeviceAllow=/dev/vfio/vfio rw'] : []),
    ...groups.map((group) => `DeviceAllow=/dev/vfio/${group} rw`),
  ]
  return runArguments(consoleUnit, properties, command)
}

/** Arguments of systemd-run(1) for a unit that starts `command` with these properties. */
export function runArguments(unit: string, properties: string[], command: string[]): string[] {
  return [
    '--quiet',
    `--unit=${unit}`,
    '--service-type=exec',
    ...properties.map((property) => `--property=${property}`),
    '--',
    ...command,
  ]
}

/** What shuts a program of the console in, whichever it is; `writable` is what it may write to. */
export function confinement(user: string, writable: string[]): string[] {
  return [
    // Started from early boot: it must wait for nothing but what it needs.
    'DefaultDependencies=no',
    'Conflicts=shutdown.target',
    // At shutdown the order is reversed: first the watchdog, which presses the guest's power button, then this.
    'Before=deskvisor-boot.service shutdown.target',
    `User=${user}`,
    'UMask=0027',
    'StandardOutput=journal',
    'StandardError=journal',
    'KillSignal=SIGTERM',
    'TimeoutStopSec=20',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'AmbientCapabilities=',
    'ProtectSystem=strict',
    ...writable.map((folder) => `ReadWritePaths=${quotePath(folder)}`),
    'ProtectHome=yes',
    // Not PrivateTmp=: it waits for systemd-tmpfiles-setup.service, and QEMU has no use for a folder of that kind.
    'InaccessiblePaths=-/tmp -/var/tmp',
    'ProtectKernelTunables=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelLogs=yes',
    'ProtectControlGroups=yes',
    'ProtectHostname=yes',
    'ProtectProc=invisible',
    'RestrictNamespaces=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    'DevicePolicy=closed',
  ]
}

/** systemd-run parses path lists like a unit file: words are split at spaces unless quoted. */
function quotePath(path: string): string {
  return /^[\w./:@+-]+$/.test(path) ? path : `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
