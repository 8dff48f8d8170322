import type { CommandInput } from './description.ts'

export default async function boot({ machine, options }: CommandInput): Promise<undefined> {
  const room = await import('../boot/index.ts')
  await (options.relaunch === true ? room.relaunch(machine) : room.boot(machine))
}
