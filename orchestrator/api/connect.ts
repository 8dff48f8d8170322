import type { Machine } from '../host/machine.ts'
import type { Api, TimeMachineApi } from './contract.ts'
import { localApi } from './local.ts'

type Name = Exclude<keyof TimeMachineApi, 'followJob' | 'jobs'>

/** Named here and not read from the table, because the table and its schemas are loaded by the first call only. */
const names = [
  'cartridges',
  'timeline',
  'retentionPlan',
  'rollBack',
  'undo',
  'takeSnapshot',
  'importCartridge',
  'exportCartridge',
  'createCartridge',
  'cloneCartridge',
  'prune',
  'makeRoom',
  'measureSizes',
  'job',
  'cancelJob',
  'tryMoment',
  'keepTry',
  'dropTry',
  'insert',
  'switchTo',
  'renameCartridge',
  'describeCartridge',
  'describeSnapshot',
  'deleteSnapshot',
  'deleteCartridge',
  'trash',
  'restoreCartridge',
  'emptyTrash',
  'growDisk',
  'setDataDisk',
  'removeDataDisk',
  'importSources',
] as const satisfies readonly Name[]

/** Does not compile while a name is missing above. */
const complete: Exclude<Name, (typeof names)[number]> extends never ? true : never = true

/**
 * The contract: through the daemon's socket where it answers, else by this process itself, with the same checks.
 * What concerns the machine itself (status, logs, restart, …) is always done here: the menu must show it when nothing
 * else works. So is looking for work that is under way, which must not wake the daemon every few seconds.
 * `ownWork` keeps the work in this process, for what reads standard input or writes standard output.
 */
export function connectApi(machine: Machine, options: { ownWork?: boolean } = {}): Api {
  let caller: Promise<import('./call.ts').Caller> | undefined
  const connected = () => {
    caller ??= import('./caller.ts').then(({ findCaller }) => findCaller(machine, options.ownWork === true))
    return caller
  }
  const methods = names.map((name) => [
    name,
    async (...args: unknown[]) => (await connected()).call(name, args),
  ])
  const followJob: TimeMachineApi['followJob'] = async (...args) => (await connected()).followJob(...args)
  const jobs: TimeMachineApi['jobs'] = async () => (await import('./job-record.ts')).listJobRecords(machine)
  return { ...localApi(machine), ...(complete && Object.fromEntries(methods)), jobs, followJob }
}
