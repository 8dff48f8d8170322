import { localApi } from '../local.ts'
import type { Operations } from '../operation.ts'

export const machineOperations = {
  status: ({ root }) => localApi(root).status(),
  logs: ({ root }, { lines }) => localApi(root).logs(lines),
  startDesktop: ({ root }) => localApi(root).startDesktop(),
  restart: ({ root }) => localApi(root).restart(),
  powerOff: ({ root }) => localApi(root).powerOff(),
  async importSources({ root }) {
    const { findImportSources } = await import('../import-sources.ts')
    return findImportSources(root)
  },
} satisfies Partial<Operations>
