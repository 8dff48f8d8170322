import type { CommandInput } from './table.ts'

export default async function tui({ root }: CommandInput): Promise<undefined> {
  const { localApi } = await import('../api/index.ts')
  const { runTui } = await import('../../tui/main.ts')
  await runTui({ root, api: localApi(root) })
}
