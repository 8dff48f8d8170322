import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { run } from '../host/process.ts'
import { notify } from '../host/systemd.ts'
import { clearAttempts } from './attempts.ts'

/**
 * The boot worked: its failed starts are forgotten and the boot loader keeps this version (systemd-bless-boot(8)).
 * Never throws: what fails is a line in the log.
 */
export async function blessBoot(machine: Machine): Promise<void> {
  try {
    clearAttempts(machine)
  } catch (error) {
    log.warning(`The counter of failed starts was not cleared: ${sentenceOf(error)}`)
  }
  notify('STATUS=The desktop runs and is healthy.')
  const bless = join(machine.root, 'usr/lib/systemd/systemd-bless-boot')
  if (!machine.live || !existsSync(bless)) return
  const { status, stderr } = await run(bless, ['good'], { timeoutMs: 10_000 })
  if (status !== 0) log.warning(`The boot was not marked as good: ${stderr.trim()}`)
}
