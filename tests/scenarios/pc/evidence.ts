import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pc } from './running-pc.ts'
import { quote, type TestShell } from './test-shell.ts'

/** Asks the desktop VM's QEMU where its processors are; a guest that stands still can say nothing itself. */
const whereabouts = String.raw`
use IO::Socket::UNIX;
alarm 10;
my $s = IO::Socket::UNIX->new(Peer => '/run/deskvisor/console/qmp-tools.sock') or exit;
$s->autoflush(1);
for my $c ('qmp_capabilities', ('human-monitor-command') x 2) {
    my $arguments = $c eq 'qmp_capabilities' ? '{}' : '{"command-line":"info registers -a"}';
    print $s qq({"execute":"$c","arguments":$arguments}\n);
    while (my $line = <$s>) { if ($line =~ /"return"/) { $line =~ s/\\r\\n/\n/g; print $line; last } }
    sleep 1;
}
`

/**
 * Keeps everything that helps to understand a failure, as NAME… in the folder `results`, and returns the gist of it, for those
 * who have nothing but the output: where the processors are, twice, and the last lines of the journal.
 */
export async function keepEvidence(pc: Pc, shell: TestShell, results: string, name: string): Promise<string> {
  await pc.screenshot(name).catch(() => undefined)
  const text = await pc.screenText().catch((error: Error) => error.message)
  await writeFile(join(results, `${name}-screen.txt`), `${text}\n`)
  await writeFile(join(results, `${name}-serial.txt`), `${pc.serial.text()}\n`)
  await writeFile(join(results, `${name}-serial.log`), Buffer.concat(pc.serial.received))
  await writeFile(join(results, `${name}-events.json`), `${JSON.stringify(pc.events, null, 1)}\n`)
  const first = await registers(pc)
  const journal = await journalOf(shell)
  const registersTwice = `${first}\n${await registers(pc)}`
  await writeFile(join(results, `${name}-registers.txt`), registersTwice)
  if (journal) await writeFile(join(results, `${name}-journal.txt`), journal)
  const at = registersTwice.match(/\b[RE]IP=[0-9a-f]+.*HLT=\d/g) ?? ['unknown']
  return [
    `processors: ${at.join('; ')}`,
    `boots of the host: ${pc.hostBoots}`,
    lastLines(journal) || 'The host does not answer.',
  ].join('\n')
}

/** The end of a journal whose lines begin with the time since the boot. */
export function lastLines(journal: string): string {
  return (journal.match(/^\[.*$/gm) ?? []).slice(-12).join('\n')
}

async function registers(pc: Pc): Promise<string> {
  const command = { 'command-line': 'info registers -a' }
  return await pc.qmp.command<string>('human-monitor-command', command).catch((error: Error) => error.message)
}

async function journalOf(shell: TestShell): Promise<string> {
  const state = 'journalctl -b --no-pager -o short-monotonic | tail -n 400; cat /run/deskvisor/*.json; '
  if (!shell.isReady) return ''
  const result = await shell.run(`${state}perl -e ${quote(whereabouts)}`, 40).catch(() => undefined)
  return result?.stdout ?? ''
}
