import { join } from 'node:path'

export type Paths = ReturnType<typeof placesBelow>

let last: Paths | undefined

/** Every place on disk that Deskvisor reads or writes, below `root` (`/` on a real machine). */
export function paths(root = '/'): Paths {
  // Asked for at every turn; to join them all each time took a tenth of the way to the desktop.
  if (last?.root !== root) last = placesBelow(root)
  return last
}

function placesBelow(root: string) {
  const data = join(root, 'var/lib/deskvisor')
  const run = join(root, 'run/deskvisor')
  return {
    root,
    sys: join(root, 'sys'),
    proc: join(root, 'proc'),
    dev: join(root, 'dev'),
    data,
    config: join(data, 'deskvisor.toml'),
    cartridges: join(data, 'cartridges'),
    /** Symlink to the inserted cartridge's folder. */
    inserted: join(data, 'console/cartridge'),
    /** One-shot flag, JSON `{ intent: "recovery", reason }`, removed by the boot that obeys it. */
    nextBoot: join(data, 'boot/next'),
    /** Decimal number of console starts since the console was last healthy. */
    attempts: join(data, 'boot/attempts'),
    run,
    /** Where systemd listens for root, bus or no bus. */
    systemd: join(root, 'run/systemd/private'),
    /** Written by the boot key sampler; see initramfs/boot-key.c. */
    bootKey: join(run, 'boot-key.json'),
    /** The decision of this boot, JSON BootIntent. */
    intent: join(run, 'intent.json'),
    /** One-shot flag: the menu asked for the desktop. */
    startDesktop: join(run, 'start-desktop'),
    /** Which process shut the desktop down and will start it again; api/owed-desktop.ts. */
    owedDesktop: join(run, 'owed-desktop.json'),
    /** The passthrough plan that was carried out, with reasons. */
    plan: join(run, 'plan.json'),
    /** Devices that were bound to vfio-pci and the driver each one had before. */
    bound: join(run, 'bound.json'),
    /** What the watchdog knows: starts, crashes, health. */
    watchdog: join(run, 'watchdog.json'),
    /** What the console was last started with: cartridge and state. */
    playing: join(run, 'playing.json'),
    /** Sockets of the running console, in a folder that QEMU's user owns. */
    consoleRun: join(run, 'console'),
    qmp: join(run, 'console/qmp.sock'),
    qmpTools: join(run, 'console/qmp-tools.sock'),
    guestAgent: join(run, 'console/guest-agent.sock'),
    /** What the guest says of its own accord; console/guest-signals.ts. */
    guestSignals: join(run, 'console/guest-signals.sock'),
    tpm: join(run, 'console/tpm.sock'),
    /** The PC's own boot logo, for the console's firmware; console/boot-picture.ts. */
    bootLogo: join(run, 'boot-logo'),
  } as const
}
