import { asObject } from '../host/objects.ts'
import { run } from '../host/process.ts'
import { asWatchdogEvent } from './qemu-events.ts'
import { consoleUnit } from './unit.ts'
import type { WatchdogEvent } from './watchdog-types.ts'

/** A journal on a slow machine; what it knows decides whether the machine goes off. */
const timeoutMs = 60_000
/** The end is among the last things that QEMU says. */
const mostLines = 200

/**
 * What QEMU said about its end while nobody was attached: it tells its events to the journal as well
 * (`eventLog` in qemu-control.ts). `startedAt` is the monotonic second at which this console was started; what
 * an earlier one said does not count. Null when the journal knows nothing, as after a guest that had so much said that the
 * journal took no more (unit.ts).
 */
export async function shutdownInJournal(startedAt: number): Promise<WatchdogEvent | null> {
  // QEMU may be gone before journald has read its last words.
  await run('journalctl', ['--sync'], { timeoutMs: timeoutMs })
  const { stdout } = await run(
    'journalctl',
    [
      '--quiet',
      '--boot',
      '--output=json',
      '--output-fields=MESSAGE',
      `--lines=${mostLines}`,
      `_SYSTEMD_UNIT=${consoleUnit}`,
      '_TRANSPORT=stdout',
    ],
    { timeoutMs: timeoutMs },
  )
  const said = stdout.split('\n').flatMap((line) => {
    const { MESSAGE, __MONOTONIC_TIMESTAMP } = asObject(parse(line))
    return Number(__MONOTONIC_TIMESTAMP) >= startedAt * 1_000_000 ? [asObject(parse(MESSAGE))] : []
  })
  const shutdown = said.findLast(({ event }) => event === 'SHUTDOWN')
  return shutdown ? asWatchdogEvent({ event: 'SHUTDOWN', data: asObject(shutdown.data) }) : null
}

function parse(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : null
  } catch {
    return null
  }
}
