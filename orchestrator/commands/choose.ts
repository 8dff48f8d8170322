import type { Api, CartridgeInfo, Snapshot } from '../api/index.ts'
import { DeskvisorError } from '../host/errors.ts'
import type { CommandInput } from './description.ts'

/** The operating system that was named, else the inserted one. Throws DeskvisorError `no-cartridge` (exit 2). */
export function chosenCartridge(api: Systems, words: CommandInput['words']): Promise<string> {
  return namedOr(api, words, (systems) => systems.find(({ inserted }) => inserted))
}

/**
 * The operating system that was named, else the one that the console plays now, which need not be the inserted one: that
 * is played from the next start on. Without a desktop, the inserted one. Throws as above.
 */
export function playedCartridge(api: Systems, words: CommandInput['words']): Promise<string> {
  return namedOr(
    api,
    words,
    (systems) => systems.find(({ running }) => running) ?? systems.find(({ inserted }) => inserted),
  )
}

type Systems = Pick<Api, 'cartridges'>

async function namedOr(
  api: Systems,
  words: CommandInput['words'],
  choose: (systems: CartridgeInfo[]) => CartridgeInfo | undefined,
): Promise<string> {
  const name = words.CARTRIDGE ?? choose(await api.cartridges())?.name
  if (name !== undefined) return name
  throw new DeskvisorError('cartridge-not-named', 'No operating system is inserted.', {
    next: ['Name one.', { do: 'see', command: 'deskvisor cartridge list' }],
  })
}

/**
 * The whole name of a snapshot from its name, a beginning that fits only one, or `latest`: the newest that was not made by
 * going back, so that going back to it a second time does not return to what was broken. Throws DeskvisorError
 * `no-such-snapshot` (exit 2).
 */
export async function chosenSnapshot(api: Api, cartridge: string, word = ''): Promise<string> {
  const { snapshots } = await api.timeline(cartridge)
  const names = snapshots.map(({ name }) => name)
  const latest = latestOf(snapshots)
  if (word === 'latest' && latest !== undefined) return latest
  if (names.includes(word)) return word
  const fitting = word === '' ? [] : names.filter((name) => name.startsWith(word))
  const [only] = fitting
  if (only !== undefined && fitting.length === 1) return only
  const why =
    fitting.length > 1
      ? `${JSON.stringify(word)} fits ${fitting.length} moments of ${cartridge}: ${fitting.slice(0, 3).join(', ')}${fitting.length > 3 ? ', …' : '.'}`
      : `${cartridge} has no moment ${JSON.stringify(word)}.`
  throw new DeskvisorError('no-such-snapshot', why, {
    next: { do: 'see', command: `deskvisor snapshot list ${cartridge}` },
  })
}

/** What `latest` means; undefined when there is no such snapshot. */
export function latestOf(newestFirst: readonly Pick<Snapshot, 'name' | 'kind'>[]): string | undefined {
  return newestFirst.find(({ kind }) => kind !== 'before-rollback')?.name
}
