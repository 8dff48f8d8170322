import type { Api } from '../orchestrator/api/contract.ts'
import { terminalKind } from './terminal/kind.ts'

export type TuiOptions = {
  /** Where the machine's file tree begins, `/` unless it is being tried out; the shell starts there. */
  root: string
  api: Api
}

/**
 * Shows the recovery menu on this process's terminal. With a real terminal it stays until the process is ended, and the
 * terminal is restored whatever ends it; as plain text (TERM=dumb, or input that is no terminal) it resolves at the end
 * of input.
 */
export async function runTui({ root, api }: TuiOptions): Promise<void> {
  const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true
  const kind = terminalKind(process.env, interactive)
  if (kind.kind === 'plain') {
    const { runPlainMenu } = await import('./plain.ts')
    return runPlainMenu({ root, api })
  }
  const { runFullMenu } = await import('./full.ts')
  return runFullMenu({ root, api, kind })
}
