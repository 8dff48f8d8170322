import type { Api } from '../orchestrator/api/contract.ts'
import type { Input, Output } from './terminal/device.ts'
import { terminalKind } from './terminal/kind.ts'

export type TuiOptions = {
  /** Where the machine's file tree begins, `/` unless it is being tried out; the shell starts there. */
  root: string
  api: Api
  input?: Input
  output?: Output
  env?: Readonly<Record<string, string | undefined>>
}

/**
 * Shows the recovery menu on this process's terminal, or on another that is given. With a real terminal it stays until the process is ended, and the
 * terminal is restored whatever ends it; as plain text (TERM=dumb, or input that is no terminal) it resolves at the end
 * of input.
 */
export async function runTui({
  root,
  api,
  input = process.stdin,
  output = process.stdout,
  env = process.env,
}: TuiOptions): Promise<void> {
  const kind = terminalKind(env, input.isTTY === true && output.isTTY === true)
  if (kind.kind === 'plain') {
    const { runPlainMenu } = await import('./plain/run.ts')
    return runPlainMenu({ root, api, input, output })
  }
  const { runFullMenu } = await import('./full/run.ts')
  return runFullMenu({ root, api, input, output, kind })
}
