import { open } from 'node:fs/promises'
import type { Machine } from '../../host/machine.ts'
import { checkDiskSize, makeRoom } from '../disks/space.ts'
import { finishDisk, wholeSectors } from '../disks/sparse-file.ts'
import { stateFiles } from '../layout.ts'
import { storeFolder } from '../lock.ts'
import { checkedName } from '../names/names.ts'
import type { Cartridge } from '../types.ts'
import { completeState, expectFirmware, firstState } from './new-state.ts'
import { buildCartridge } from './unfinished.ts'

export type CreateRequest = { machine: Machine; name: string; title?: string; sizeBytes: number }

/**
 * Makes a cartridge with an empty disk of `sizeBytes`, rounded up to whole sectors; it occupies nothing yet.
 * Throws DeskvisorError `bad-name`, `name-taken`, `bad-size` (all exit 2), `no-firmware`, `no-space`, `busy`.
 */
export async function createCartridge({
  machine,
  name,
  title,
  sizeBytes,
}: CreateRequest): Promise<Cartridge> {
  const checked = checkedName(name)
  checkDiskSize(storeFolder(machine), sizeBytes)
  expectFirmware(machine)
  await makeRoom(machine, 0)
  return buildCartridge({
    machine,
    name: checked,
    kind: 'new',
    about: title ? { title } : {},
    async fill(folder) {
      const state = await firstState(folder)
      const { disk } = stateFiles(state)
      await (await open(disk, 'wx', 0o600)).close()
      await finishDisk(disk, wholeSectors(sizeBytes))
      completeState(machine, state)
    },
  })
}
