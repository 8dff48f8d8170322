import { describeCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { changing } from '../change.ts'
import { shown } from '../errors.ts'
import { type Places, snapshotPath } from '../places.ts'
import { goldenOf } from '../retention/protect.ts'
import { expectWhole } from '../whole.ts'
import { resets } from './resetting.ts'

export type GoldenChange = {
  /** Name of the snapshot that becomes the golden one; null for none. */
  golden?: string | null | undefined
  /** Whether every start begins from it. */
  reset?: boolean | undefined
}

/**
 * Changes which snapshot is the golden one and whether every start begins from it, both at once. A cartridge that does
 * has a whole golden snapshot: without, a start could only go on from what the last user left. Throws DeskvisorError
 * `no-such-snapshot` (exit 2), `no-golden`, `golden-needed`, `snapshot-damaged`, and what describeCartridge does.
 */
export async function changeGolden(root: string, name: string, change: GoldenChange): Promise<void> {
  const { golden, reset } = change
  await changing(root, name, async (places) => {
    if (typeof golden === 'string') snapshotPath(places, golden)
    expectFit(places, change)
    await describeCartridge(root, places.name, {
      ...(golden !== undefined && { golden }),
      ...(reset !== undefined && { reset: reset ? 'every-start' : null }),
    })
  })
}

/** Switching resetting off is never refused, whatever else is wrong. */
function expectFit(
  places: Places,
  { golden = goldenOf(places), reset = resets(places) }: GoldenChange,
): void {
  if (!reset) return
  if (golden === null) throw withoutGolden(places)
  expectWhole(places, golden)
}

function withoutGolden(places: Places): DeskvisorError {
  const name = shown(places.name)
  if (resets(places)) {
    return new DeskvisorError(
      'golden-needed',
      `Every start of ${name} begins from its golden moment, so it must have one.`,
      {
        hint:
          'Make another moment the golden one, ' +
          `or let starts go on from the present first (deskvisor cartridge reset ${name} off).`,
      },
    )
  }
  return new DeskvisorError('no-golden', `${name} has no golden moment that its starts could begin from.`, {
    hint: `Choose one first: deskvisor cartridge golden ${name} MOMENT.`,
  })
}
