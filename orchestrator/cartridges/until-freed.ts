import { closeSync, constants, openSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isBtrfs } from '../host/btrfs.ts'
import { ioctl } from '../host/native.ts'

/** _IO(0x94, 8), linux/btrfs.h */
const btrfsSync = 0x9408
const stepMs = 250
/** Taking a large subvolume apart takes btrfs seconds. */
const patienceMs = 5000

/**
 * Whether there is enough space once what was deleted is free. Elsewhere it is so at once; btrfs does it in the background
 * at its next commit (btrfs-subvolume(8), "delete"), which BTRFS_IOC_SYNC brings forward, so it is waited for.
 */
export async function untilFreed(folder: string, isEnough: () => boolean): Promise<boolean> {
  if (isEnough() || !isBtrfs(folder)) return isEnough()
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await sleep(stepMs)) {
    sync(folder)
    if (isEnough()) return true
  }
  return false
}

function sync(folder: string): void {
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    ioctl(descriptor, btrfsSync, Buffer.alloc(8))
  } finally {
    closeSync(descriptor)
  }
}
