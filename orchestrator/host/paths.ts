export type Paths = ReturnType<typeof pathsBelow>

/** Every place on disk that Deskvisor reads or writes, below `root` (`/` on a real machine). For machine.ts, which joins them once. */
export function pathsBelow(root: string) {
  const below = within(root)
  const data = below('var/lib/deskvisor')
  const run = below('run/deskvisor')
  const [inData, inRun] = [within(data), within(run)]
  return {
    sys: below('sys'),
    proc: below('proc'),
    dev: below('dev'),
    data,
    config: inData('deskvisor.toml'),
    cartridges: inData('cartridges'),
    /** Room that only Deskvisor's own changes may use; space/reserve.ts. */
    reserve: inData('reserve'),
    /** What is made last of it. */
    reserveContents: inData('reserve/contents'),
    /** Symlink to the inserted cartridge's folder. */
    inserted: inData('console/cartridge'),
    /** One-shot flag, JSON `{ intent: "recovery", reason }`, removed by the boot that obeys it. */
    nextBoot: inData('boot/next'),
    /** Decimal number of console starts since the console was last healthy. */
    attempts: inData('boot/attempts'),
    run,
    /** Where systemd listens for root, bus or no bus. */
    systemd: below('run/systemd/private'),
    /** Written by the boot key sampler; see initramfs/boot-key.c. */
    bootKey: inRun('boot-key.json'),
    /** The decision of this boot, JSON BootIntent. */
    intent: inRun('intent.json'),
    /** One-shot flag: the menu asked for the desktop. */
    startDesktop: inRun('start-desktop'),
    /** Which process shut the desktop down and will start it again; api/pending-desktop.ts. */
    pendingDesktop: inRun('owed-desktop.json'),
    /** The passthrough plan that was carried out, with reasons. */
    plan: inRun('plan.json'),
    /** Devices that were bound to vfio-pci and the driver each one had before. */
    bound: inRun('bound.json'),
    /** What the watchdog knows: starts, crashes, health. */
    watchdog: inRun('watchdog.json'),
    /** What the console was last started with: cartridge and state. */
    playing: inRun('playing.json'),
    /** Sockets of the running console, in a folder that QEMU's user owns. */
    consoleRun: inRun('console'),
    qmp: inRun('console/qmp.sock'),
    qmpTools: inRun('console/qmp-tools.sock'),
    guestAgent: inRun('console/guest-agent.sock'),
    /** What the guest says of its own accord; console/guest-signals.ts. */
    guestSignals: inRun('console/guest-signals.sock'),
    tpm: inRun('console/tpm.sock'),
    /** The PC's own boot logo, for the console's firmware; console/boot-picture.ts. */
    bootLogo: inRun('boot-logo'),
  } as const
}

/** Not path.join(), which looks at each character: that, too, shows on the way to the desktop. */
function within(folder: string): (path: string) => string {
  const start = folder.endsWith('/') ? folder : `${folder}/`
  return (path) => `${start}${path}`
}
