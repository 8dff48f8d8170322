import { localApi } from '../local.ts'
import type { Operations } from '../operation.ts'

export const machineOperations = {
  status: ({ machine }) => localApi(machine).status(),
  logs: ({ machine }, { lines }) => localApi(machine).logs(lines),
  startDesktop: ({ machine }) => localApi(machine).startDesktop(),
  restart: ({ machine }) => localApi(machine).restart(),
  powerOff: ({ machine }) => localApi(machine).powerOff(),
  async importSources({ machine }) {
    const { findImportSources } = await import('../import-sources.ts')
    return findImportSources(machine)
  },
} satisfies Partial<Operations>
