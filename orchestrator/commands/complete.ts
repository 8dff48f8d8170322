import { type Api, connectApi } from '../api/index.ts'
import { chosenCartridge, latestOf } from './choose.ts'
import { usageError } from './command-line.ts'
import type { CommandInput } from './description.ts'

/** Names for completion, one a line. A shell asks while somebody types, so what cannot be found out is nothing. */
export default async function complete({ machine, words, stdout }: CommandInput): Promise<undefined> {
  const look = Object.hasOwn(lookups, words.KIND ?? '') ? lookups[words.KIND ?? ''] : undefined
  if (!look) throw usageError(`${JSON.stringify(words.KIND)} does not fit.`, 'complete')
  const names = await look(connectApi(machine), words).catch(() => [])
  stdout.write(names.map((name) => `${name}\n`).join(''))
}

const lookups: Readonly<Record<string, (api: Api, words: CommandInput['words']) => Promise<string[]>>> = {
  cartridges: async (api) => (await api.cartridges()).map(({ name }) => name),
  trash: async (api) => (await api.trash()).map(({ entry }) => entry),
  snapshots: async (api, words) => {
    const { snapshots } = await api.timeline(await chosenCartridge(api, words))
    return [...(latestOf(snapshots) === undefined ? [] : ['latest']), ...snapshots.map(({ name }) => name)]
  },
}
