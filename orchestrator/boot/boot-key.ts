import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, readTextOr } from '../host/atomic.ts'
import { oneLine } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

/** Only boot keys are in the sampler's record: initramfs/boot-key.c. */
export type BootKeySample = {
  pid: number | null
  keyboards: number
  /** CLOCK_MONOTONIC in milliseconds; null while there is no keyboard. */
  firstKeyboardMs: number | null
  pressed: Pressed[]
}

/** How long after the first keyboard is ready a held key may take to show itself. */
const graceMs = 100
const pollMs = 10
/** USB keyboards come back within this after their controller did: 1 s in the virtual PC, more behind hubs and radio receivers. */
const reappearMs = 5000

/** Reads the sampler's record; null when there is none that can be understood. */
export function readBootKey(machine: Machine): BootKeySample | null {
  const value = readJson(machine.paths.bootKey)
  if (typeof value !== 'object' || value === null) return null
  const { pid, keyboards, firstKeyboardMs, pressed } = value as Record<string, unknown>
  return {
    pid: isCount(pid) && pid > 1 ? pid : null,
    keyboards: isCount(keyboards) ? keyboards : 0,
    firstKeyboardMs: isCount(firstKeyboardMs) ? firstKeyboardMs : null,
    pressed: Array.isArray(pressed) ? pressed.flatMap(asPressed) : [],
  }
}

export type Pressed = { key: string; device: string }

/**
 * Where the boot key was pressed, or null, and for how many milliseconds that took waiting. Waits until 100 ms after
 * the first keyboard was ready and not longer; without a keyboard it does not wait at all.
 */
export async function pressedBootKey(
  machine: Machine,
  key: string,
): Promise<{ pressed: Pressed | null; waitedMs: number }> {
  for (let waitedMs = 0; ; ) {
    const sample = readBootKey(machine)
    const found = sample?.pressed.find((press) => press.key === key)
    if (found) return { pressed: { key: label(key), device: found.device }, waitedMs }
    const before = machine.clock.monotonicMs()
    const left = (sample?.firstKeyboardMs ?? Number.NEGATIVE_INFINITY) + graceMs - before
    // More than the whole grace left means a clock that is not ours.
    if (left <= 0 || left > graceMs) return { pressed: null, waitedMs }
    await machine.clock.sleep(Math.min(pollMs, left))
    waitedMs += machine.clock.monotonicMs() - before
  }
}

/**
 * Looks at the boot key again after a guest reboot: a new sampler, because the keyboards have gone and come back.
 * Waits for as many keyboards as there were, at most 5 s, when USB controllers were given back; then as above.
 */
export async function pressedAfterGuestReboot(machine: Machine, key: string): Promise<Pressed | null> {
  const before = readBootKey(machine)
  rmSync(machine.paths.bootKey, { force: true })
  await machine.systemctl('restart', 'deskvisor-boot-key.service')
  const wanted = usbControllerWasGiven(machine) ? Math.max(1, before?.keyboards ?? 1) : 0
  const deadline = machine.clock.monotonicMs() + reappearMs
  while (machine.clock.monotonicMs() < deadline) {
    const sample = readBootKey(machine)
    if (sample && (sample.pressed.some((press) => press.key === key) || sample.keyboards >= wanted)) break
    await machine.clock.sleep(pollMs)
  }
  if (wanted > 0) await machine.clock.sleep(graceMs)
  return (await pressedBootKey(machine, key)).pressed
}

/** Ends the sampler after the decision; only a process that is the sampler gets the signal. */
export function endBootKeySampler(machine: Machine): void {
  const pid = readBootKey(machine)?.pid
  if (!pid || !machine.live) return
  if (!readTextOr(join(machine.paths.proc, String(pid), 'cmdline'), '').includes('boot-key')) return
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // It ended by itself.
  }
}

function usbControllerWasGiven(machine: Machine): boolean {
  const plan = readJson(machine.paths.plan)
  const devices = typeof plan === 'object' && plan !== null && 'devices' in plan ? plan.devices : []
  return (Array.isArray(devices) ? devices : []).some((device: unknown) => {
    const { address, given } = (device ?? {}) as Record<string, unknown>
    if (given !== true || typeof address !== 'string' || !/^[\da-f:.]+$/.test(address)) return false
    // PCI class 0c03: USB controller.
    return readTextOr(join(machine.paths.sys, 'bus/pci/devices', address, 'class'), '').startsWith('0x0c03')
  })
}

function asPressed(value: unknown): Pressed[] {
  const { key, device } = (value ?? {}) as Record<string, unknown>
  if (typeof key !== 'string') return []
  const name = typeof device === 'string' ? oneLine(device).slice(0, 80) : ''
  return [{ key, device: name || 'a keyboard' }]
}

function label(key: string): string {
  return /^f\d+$/.test(key) ? key.toUpperCase() : key.charAt(0).toUpperCase() + key.slice(1)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
