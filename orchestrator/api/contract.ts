import type { BootIntent } from '../boot/index.ts'

export { DeskvisorError, sentenceOf } from '../host/errors.ts'

/** Everything that `deskvisor status --json` prints and the menu's first screen shows. */
export type Status = {
  version: string
  /** The decision of this boot; null before it was taken (or on a machine that was not booted by Deskvisor). */
  intent: BootIntent | null
  /** The inserted cartridge, shown to people as the operating system; null when none is inserted. */
  operatingSystem: { name: string; title: string } | null
  console: { running: boolean; healthy: boolean; starts: number; crashes: number }
  /** Bytes. */
  memory: { total: number; available: number }
  /**
   * The data partition: bytes that are free, and that must stay free. `warning` says in one sentence that no moments are
   * kept; null when they are. All of it is null where there is no such partition.
   */
  space: { free: number; floor: number; warning: string | null } | null
  addresses: { interface: string; address: string }[]
  bootKey: string
  /** Set when deskvisor.toml (or the credential) cannot be used: one sentence with key and line. */
  configError: string | null
  passthrough: { address: string; description: string; given: boolean; reason: string }[]
}

/** What the menu can ask of the machine itself. */
export type RecoveryApi = {
  status(): Promise<Status>
  /** Asks for the desktop; resolves when the request was accepted. The menu is closed by the machine. */
  startDesktop(): Promise<void>
  /** The newest journal lines, oldest first, already free of control characters. */
  logs(lines: number): Promise<string[]>
  restart(): Promise<void>
  powerOff(): Promise<void>
}

/** Why a moment was kept. */
export type MomentKind = 'boot' | 'hourly' | 'daily' | 'manual' | 'before-rollback' | 'before-update'

/** Kinds that a timer or the guest asks for: they are of what the desktop plays then, and nobody looks after what they leave. */
export function isTakenByItself(kind: MomentKind): boolean {
  return kind === 'hourly' || kind === 'daily' || kind === 'before-update'
}

/** One moment of an operating system: a snapshot of disk, UEFI variables, TPM and settings together. */
export type Moment = {
  /** Unique in its timeline, for example `2026-11-20T21:05:03Z-boot`. */
  name: string
  kind: MomentKind
  /** ISO 8601, UTC. */
  takenAt: string
  note: string
  /** Kept until a person says otherwise. */
  pinned: boolean
  /** The desktop was healthy with exactly this state. */
  healthy: boolean
  consistency: 'offline' | 'frozen' | 'crash-consistent'
  /** Milliseconds for which the desktop stood still; null when it was not running. */
  pauseMs: number | null
  osLabel: string | null
  /** Bytes that deleting this moment alone would free; null until they were measured. */
  exclusiveBytes: number | null
  /** Bytes written since the moment before; null until they were measured. */
  writtenBytes: number | null
}

export type TimelineInfo = {
  cartridge: string
  /** Newest first. */
  snapshots: Moment[]
  /** A moment that is tried: at the next start, now, or it was tried and waits for "keep or drop". */
  trying: { snapshot: string; phase: 'armed' | 'running' | 'ended' } | null
  /** The moment that `undo` returns to: the present before the last rolling back. */
  undo: string | null
  present: {
    /** The moment that the present began as a copy of; null when there is none, or not any more. */
    from: string | null
    /** A start returned to it by itself, because every start does. */
    byReset: boolean
    /** Moments that somebody went back to since the desktop was last healthy, the last one first: none of them helped. */
    inVain: string[]
  }
}

export type CartridgeInfo = {
  name: string
  title: string
  note: string
  /** The console plays it at its next start. */
  inserted: boolean
  /** The console plays it now. */
  running: boolean
  /** One sentence that says why it cannot be played; null when it can. */
  problem: string | null
  /** Size of its disk in bytes. */
  diskBytes: number | null
  /** Size in bytes of its disk for data, which going back and resetting leave alone; null when it has none. */
  dataBytes: number | null
  /** How many moments are kept. */
  snapshots: number
  /** One of its moments is the golden one. */
  golden: boolean
  /** It returns to the golden moment at every start. */
  reset: boolean
  trying: TimelineInfo['trying']
}

/** Long work. It goes on when the one who asked for it leaves. */
export type JobInfo = {
  id: string
  /** The operation, for example `rollBack`. */
  kind: string
  /** What is done, in plain words: `Importing gondor`. */
  title: string
  state: 'running' | 'done' | 'failed' | 'cancelled'
  /** From 0 to 1; null when nobody knows. */
  progress: number | null
  /** How it goes, in a sentence. */
  text: string
  /** ISO 8601, UTC. */
  startedAt: string
  endedAt: string | null
  /** What the work gave; depends on its kind. */
  result: unknown
  /** `wrongInput` is set when what was asked for was wrong, and not the machine. */
  error: { code: string; message: string; hint: string | null; wrongInput?: boolean } | null
}

/**
 * What pruning would keep, and why, and what it would delete for certain; and what would go after that, in this order and
 * one at a time, as long as too little is free.
 */
export type RetentionPlan = {
  keep: { name: string; reasons: string[] }[]
  remove: { name: string; reason: string }[]
  ifNeeded: { name: string; reason: string }[]
}

/** Something to import: a plugged-in disk, or a disk image on one. */
export type ImportSource = { path: string; text: string; bytes: number }

/** `entry` names it for restoreCartridge; `name` is what it was called. */
export type TrashedCartridge = { entry: string; name: string; deletedAt: string }

/** Every failure is a DeskvisorError: a stable code, a sentence for people, and what to do next. */
export type TimeMachineApi = {
  cartridges(): Promise<CartridgeInfo[]>
  timeline(cartridge: string): Promise<TimelineInfo>
  retentionPlan(cartridge: string): Promise<RetentionPlan>
  // Jobs. Each of these resolves with the job as it was accepted; followJob tells how it goes.
  /**
   * The present is kept as a moment, and the given one becomes the present. A running desktop is shut down in order
   * before and started again afterwards; `force` pulls its plug when it does not end in time.
   */
  rollBack(cartridge: string, snapshot: string, options?: { force?: boolean }): Promise<JobInfo>
  /** Inserts it; a desktop that runs another one is shut down in order and started with it. */
  switchTo(cartridge: string, options?: { force?: boolean }): Promise<JobInfo>
  /** Returns to the present before the last rolling back. */
  undo(cartridge: string, options?: { force?: boolean }): Promise<JobInfo>
  takeSnapshot(
    cartridge: string,
    options: { kind?: MomentKind; note?: string; onlyIfWritten?: boolean },
  ): Promise<JobInfo>
  importCartridge(request: { file: string; name: string; title?: string }): Promise<JobInfo>
  exportCartridge(request: { cartridge: string; file: string; snapshot?: string }): Promise<JobInfo>
  createCartridge(request: { name: string; title?: string; sizeBytes: number }): Promise<JobInfo>
  cloneCartridge(request: { cartridge: string; newName: string; snapshot?: string }): Promise<JobInfo>
  prune(cartridge: string): Promise<JobInfo>
  /** What is expendable goes, of all operating systems, as far as too little is free. Its result says whether that was `enough`. */
  makeRoom(): Promise<JobInfo>
  /** Measures the sizes of the moments that are not known, or not right any more. Its result names what `failed`. */
  measureSizes(cartridge: string): Promise<JobInfo>
  job(id: string): Promise<JobInfo>
  /** Newest first. */
  jobs(): Promise<JobInfo[]>
  /** Asks for the end; the job becomes `cancelled` when it has put everything back. */
  cancelJob(id: string): Promise<JobInfo>
  /** Calls `onChange` with the job as it is and whenever it changed; resolves when it ended. An aborted signal only ends the following. */
  followJob(id: string, onChange: (job: JobInfo) => void, signal?: AbortSignal): Promise<JobInfo>
  // At once.
  tryMoment(cartridge: string, snapshot: string): Promise<void>
  keepTry(cartridge: string): Promise<void>
  dropTry(cartridge: string): Promise<void>
  insert(cartridge: string): Promise<void>
  renameCartridge(cartridge: string, newName: string): Promise<void>
  describeCartridge(
    cartridge: string,
    change: { title?: string; note?: string; freeze?: boolean; reset?: boolean; golden?: string | null },
  ): Promise<void>
  describeSnapshot(
    cartridge: string,
    snapshot: string,
    change: { note?: string; pinned?: boolean },
  ): Promise<void>
  deleteSnapshot(cartridge: string, snapshot: string): Promise<void>
  deleteCartridge(cartridge: string): Promise<{ trash: string }>
  trash(): Promise<TrashedCartridge[]>
  restoreCartridge(entry: string): Promise<void>
  emptyTrash(): Promise<void>
  growDisk(cartridge: string, sizeBytes: number): Promise<void>
  /** Gives it a disk for data, or makes the one that it has larger. */
  setDataDisk(cartridge: string, sizeBytes: number): Promise<{ created: boolean }>
  /** Removes it with everything on it; this cannot be taken back. */
  removeDataDisk(cartridge: string): Promise<void>
  importSources(): Promise<ImportSource[]>
}

/** The one contract between the menu (or the command line) and the machine. */
export type Api = RecoveryApi & TimeMachineApi
