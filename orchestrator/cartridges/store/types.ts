export type CopyOptions = {
  /** A snapshot cannot be changed afterwards, a state can. */
  readOnly: boolean
  /** Called with bytes of the files; not at all where a copy takes no time. */
  onProgress?: (doneBytes: number, totalBytes: number) => void
  /** Aborting leaves nothing at the target. */
  signal?: AbortSignal
}

/** How the states and snapshots of one filesystem are made, copied and removed. Every function throws an errno, ENOSPC for example. */
export type StateStore = {
  kind: 'btrfs' | 'copy'
  /** An empty, writable state folder (a subvolume on btrfs). */
  create(path: string): Promise<void>
  /** A complete copy of a state or snapshot at `to`, or nothing at all. Survives a power cut once it resolved. */
  copy(from: string, to: string, options: CopyOptions): Promise<void>
  /**
   * Writes back what was written to the filesystem so far, while more may be written: a copy that follows at once need
   * not do it, which can take seconds. Never rejects; then the copy takes its time.
   */
  settle(path: string): Promise<void>
  /**
   * Whether a copy of this state or snapshot would share its blocks, or is so small that nobody notices; else a copy takes
   * as long as its bytes do.
   */
  copiesFast(path: string): Promise<boolean>
  /** Removes anything, whole or partial, read-only or not, so that a crash may leave a part of it. Nothing there is fine. */
  remove(path: string): Promise<void>
  /**
   * Removes some states or snapshots of one folder: a crash leaves each of them whole or not at all. On btrfs it needs no
   * free space, and what was removed stays so once this resolved. Elsewhere they are doomed by another name first.
   */
  discard(paths: readonly string[]): Promise<void>
}
