import type { Machine } from '../host/machine.ts'
import type { Api } from './contract/api.ts'
import { localApi } from './local.ts'
import { operationNames } from './operations.generated.mjs'

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
  const methods = operationNames.map((name) => [
    name,
    async (...args: unknown[]) => (await connected()).call(name, args),
  ])
  const followJob: Api['followJob'] = async (...args) => (await connected()).followJob(...args)
  const jobs: Api['jobs'] = async () => (await import('./job-record.ts')).listJobRecords(machine)
  return { ...Object.fromEntries(methods), ...localApi(machine), jobs, followJob }
}
