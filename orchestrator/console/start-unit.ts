import { type Property, startTransient } from '../host/start-transient.ts'
import { systemctl } from '../host/systemd.ts'

/**
 * Starts a unit made for this once, as systemd-run(1) does; one of this name that failed earlier makes way for it. `socket`:
 * where systemd listens. Gives null, or why systemd did not take it. Never throws.
 */
export async function startUnit(
  socket: string,
  unit: string,
  properties: readonly Property[],
): Promise<string | null> {
  if (startTransient(unit, properties, socket) === null) return null
  // Asking first whether there is an old one would cost every start.
  await systemctl('stop', unit)
  await systemctl('reset-failed', unit)
  return startTransient(unit, properties, socket)
}
