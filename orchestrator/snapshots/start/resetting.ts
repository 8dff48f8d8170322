import { join } from 'node:path'
import { readJson } from '../../host/atomic.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { asObject } from '../../host/objects.ts'
import { shown } from '../errors.ts'
import type { Places } from '../places.ts'

/** Whether every start of a cartridge begins from its golden snapshot; also of one that is damaged otherwise. */
export function resets(places: Places): boolean {
  return asObject(readJson(join(places.folder, 'cartridge.json'))).reset === 'every-start'
}

/**
 * Refuses to give a cartridge another present when its next start would throw that away for the golden one. `snapshot` is
 * the one that somebody wants back. Throws DeskvisorError `resets-every-start`.
 */
export function refuseWhileResetting(places: Places, snapshot = 'MOMENT'): void {
  if (!resets(places)) return
  const [cartridge, moment] = [shown(places.name), shown(snapshot)]
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
