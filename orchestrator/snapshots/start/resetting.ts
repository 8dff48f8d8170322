import type { OpenedCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { shown } from '../../host/plain-text.ts'

/**
 * Refuses to give a cartridge another present when its next start would throw that away for the golden one. `snapshot` is
 * the one that somebody wants back. Throws DeskvisorError `resets-every-start`.
 */
export function refuseWhileResetting(opened: OpenedCartridge, snapshot = 'MOMENT'): void {
  if (!opened.settings().resets) return
  const [cartridge, moment] = [shown(opened.name), shown(snapshot)]
  throw new DeskvisorError(
    'resets-every-start',
    `Every start of ${cartridge} begins from its golden moment, so another present would last until then only.`,
    {
      hint:
        `Make the moment the golden one (deskvisor cartridge golden ${cartridge} ${moment}), ` +
        `or let starts go on from the present first (deskvisor cartridge reset ${cartridge} off).`,
    },
  )
}
