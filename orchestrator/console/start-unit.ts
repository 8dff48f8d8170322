import type { Machine } from '../host/machine.ts'
import { type Property, startTransient } from '../host/start-transient.ts'

/**
 * Starts a unit made for this once, as systemd-run(1) does; one of this name that failed earlier makes way for it. Gives
 * null, or why systemd did not take it. Never throws.
 */
export async function startUnit(
  machine: Machine,
  unit: string,
  properties: readonly Property[],
): Promise<string | null> {
  if (startTransient(unit, properties, machine.paths.systemd) === null) return null
  // Asking first whether there is an old one would cost every start.
  await machine.systemctl('stop', unit)
  await machine.systemctl('reset-failed', unit)
  return startTransient(unit, properties, machine.paths.systemd)
}
