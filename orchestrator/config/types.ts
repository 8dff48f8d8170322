/** Keys that the sampler in the initramfs records; names as people type them in deskvisor.toml. */
export const bootKeys = [
  'f1',
  'f2',
  'f3',
  'f4',
  'f5',
  'f6',
  'f7',
  'f8',
  'f9',
  'f10',
  'f11',
  'f12',
  'esc',
  'insert',
  'delete',
  'home',
  'end',
  'pageup',
  'pagedown',
  'pause',
] as const

export type BootKey = (typeof bootKeys)[number]

/** deskvisor.toml after defaults were filled in. */
export type Config = {
  boot: {
    key: BootKey
    /** Console starts that may fail in a row before recovery is shown. */
    max_failed_starts: number
  }
  console: {
    /** Memory that stays with the host, in MiB; `auto` is 512 below 16 GiB of RAM and 1024 from there. */
    memory_reserve_mib: number | 'auto'
    /** What happens when there is no GPU (or no IOMMU) to give: the menu, or a desktop on an emulated display. */
    without_gpu: 'recovery' | 'emulated'
    /**
     * What happens when the processor offers no virtualisation: the menu, or a desktop whose processor and display are
     * emulated. That is many times slower, but shows what Deskvisor does.
     */
    without_kvm: 'recovery' | 'emulate'
    on_guest_reboot: 'relaunch' | 'reboot-host'
  }
  passthrough: {
    /** PCI addresses (`0000:03:00.0`) or `vendor:device` pairs (`10de:2484`) that stay with the host. */
    keep: string[]
  }
  /** Which snapshots stay; one that any of these keeps is kept. */
  snapshots: {
    /** The newest so many. */
    keep_last: number
    /** The newest one of each of the last so many hours (days, weeks, months) in which there was one. */
    keep_hourly: number
    keep_daily: number
    keep_weekly: number
    keep_monthly: number
    /** Below so many free GiB the oldest snapshots go, and no new one is taken; `auto` is 5 % of the disk, at most 20. */
    free_floor_gib: number | 'auto'
  }
}

export const defaultConfig: Config = {
  boot: { key: 'f8', max_failed_starts: 3 },
  console: {
    memory_reserve_mib: 'auto',
    without_gpu: 'recovery',
    without_kvm: 'recovery',
    on_guest_reboot: 'relaunch',
  },
  passthrough: { keep: [] },
  snapshots: {
    keep_last: 10,
    keep_hourly: 24,
    keep_daily: 7,
    keep_weekly: 4,
    keep_monthly: 6,
    free_floor_gib: 'auto',
  },
}
