import type { Qmp } from './qmp.ts'

const againMs = 30_000

/**
 * Presses the guest's power button, and again every half minute as long as QEMU answers: a guest that is still starting
 * does not hear it, and one that shuts down already minds no further press. Rejects when the first press fails, see
 * `Qmp.execute`.
 */
export async function pressPowerButton(qmp: Qmp): Promise<void> {
  const press = () => qmp.execute('system_powerdown')
  await press()
  const again = setInterval(() => press().catch(() => clearInterval(again)), againMs)
  again.unref()
}
