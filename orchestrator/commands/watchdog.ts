import type { CommandInput } from './description.ts'

export default async function watchdog({ machine }: CommandInput): Promise<undefined> {
  const { watch } = await import('../boot/index.ts')
  await watch(machine)
}
