import type { CommandInput } from './description.ts'

export default async function tui({ root }: CommandInput): Promise<undefined> {
  const { connectApi } = await import('../api/index.ts')
  const { runTui } = await import('../../tui/main.ts')
  await runTui({ root, api: connectApi(root) })
}
