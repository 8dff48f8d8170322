import type { OpenedCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { NextStep } from '../../host/next-step.ts'
import { shown } from '../../host/plain-text.ts'

/**
 * Refuses to give a cartridge another present when its next start would throw that away for the golden one. `snapshot` is
 * the one that somebody wants back. Throws DeskvisorError `resets-every-start`.
 */
export function refuseWhileResetting(opened: OpenedCartridge, snapshot = 'SNAPSHOT'): void {
  if (!opened.settings().resets) return
  const [cartridge, golden] = [shown(opened.name), shown(snapshot)]
  throw new DeskvisorError(
    'resets-every-start',
    `Every start of ${cartridge} begins from its golden moment, so another present would last until then only.`,
    {
      next: [
        {
          do: 'run',
          text: 'Make the moment the golden one ({command}).',
          command: `deskvisor cartridge golden ${cartridge} ${golden}`,
        },
        endResetting(cartridge),
      ],
    },
  )
}

/** Another way out; `cartridge` is safe to show. */
export function endResetting(cartridge: string): NextStep {
  return {
    do: 'run',
    text: 'Or let starts go on from the present first ({command}).',
    command: `deskvisor cartridge reset ${cartridge} off`,
  }
}
