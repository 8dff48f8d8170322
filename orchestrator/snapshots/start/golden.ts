import { describeCartridge, type OpenedCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine } from '../../host/machine.ts'
import { shown } from '../../host/plain-text.ts'
import { changing } from '../change.ts'
import { expectComplete } from '../complete.ts'
import { snapshotPath } from '../folders.ts'
import { endResetting } from './resetting.ts'

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
export async function changeGolden(machine: Machine, name: string, change: GoldenChange): Promise<void> {
  const { golden, reset } = change
  await changing(machine, name, async (opened) => {
    if (typeof golden === 'string') snapshotPath(opened, golden)
    expectFit(opened, change)
    await describeCartridge(machine, opened.name, {
      ...(golden !== undefined && { golden }),
      ...(reset !== undefined && { reset: reset ? 'every-start' : null }),
    })
  })
}

/** Switching resetting off is never refused, whatever else is wrong. */
function expectFit(opened: OpenedCartridge, change: GoldenChange): void {
  const settings = opened.settings()
  const { golden = settings.golden, reset = settings.resets } = change
  if (!reset) return
  if (golden === null) throw withoutGolden(opened.name, settings.resets)
  expectComplete(opened, golden)
}

/** `resets`: every start already begins from the one that it has. */
function withoutGolden(cartridge: string, resets: boolean): DeskvisorError {
  const name = shown(cartridge)
  if (resets) {
    return new DeskvisorError(
      'golden-needed',
      `Every start of ${name} begins from its golden moment, so it must have one.`,
      {
        next: ['Make another moment the golden one.', endResetting(name)],
      },
    )
  }
  return new DeskvisorError('no-golden', `${name} has no golden moment that its starts could begin from.`, {
    next: {
      do: 'run',
      text: 'Choose one first: {command}.',
      command: `deskvisor cartridge golden ${name} SNAPSHOT`,
    },
  })
}
