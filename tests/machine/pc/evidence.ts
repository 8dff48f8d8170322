import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pc } from './running-pc.ts'
import type { TestShell } from './test-shell.ts'

/** Keeps everything that helps to understand a failure, as NAME… in the folder `results`. */
export async function keepEvidence(pc: Pc, shell: TestShell, results: string, name: string): Promise<void> {
  await pc.screenshot(name).catch(() => undefined)
  const text = await pc.screenText().catch((error: Error) => error.message)
  await writeFile(join(results, `${name}-screen.txt`), `${text}\n`)
  await writeFile(join(results, `${name}-serial.txt`), `${pc.serial.text()}\n`)
  await writeFile(join(results, `${name}-serial.log`), Buffer.concat(pc.serial.received))
  await writeFile(join(results, `${name}-events.json`), `${JSON.stringify(pc.events, null, 1)}\n`)
  const journal = await journalOf(shell)
  if (journal) await writeFile(join(results, `${name}-journal.txt`), journal)
}

async function journalOf(shell: TestShell): Promise<string> {
  const state = 'journalctl -b --no-pager -o short-monotonic | tail -n 400; cat /run/deskvisor/*.json'
  if (!shell.isReady) return ''
  const result = await shell.run(state, 25).catch(() => undefined)
  return result?.stdout ?? ''
}
