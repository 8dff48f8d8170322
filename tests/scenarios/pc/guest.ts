import { setTimeout as sleep } from 'node:timers/promises'
import { fairSeconds } from '../fair-time.ts'
import type { ShellResult } from './test-shell.ts'
import { quote } from './test-shell.ts'

type Shell = (command: string, options?: { limitS?: number }) => Promise<ShellResult>

/** Exit status of the script when the agent had been asked and hung up. */
const asked = 3

/** Talks to the QEMU guest agent from inside the host. The image has perl-base, which has sockets but no JSON. */
const agentScript = `
use IO::Socket::UNIX;
my ($path, $patience, $request, $answer) = @ARGV;
alarm $patience;
my $s = IO::Socket::UNIX->new(Peer => $path) or die "no guest agent socket: $!\\n";
$s->autoflush(1);
my $id = $$ + int(rand 1e6) * 100000;
print $s "\\xff{\\"execute\\":\\"guest-sync-delimited\\",\\"arguments\\":{\\"id\\":$id}}\\n";
while (1) { my $line = <$s>; die "the guest agent hung up\\n" unless defined $line; last if $line =~ /"return":\\s*$id\\b/; }
# From here on it must not be asked a second time: it may have begun.
alarm 300;
print $s "$request\\n";
exit 0 unless $answer;
my $line = <$s>; if (!defined $line) { print STDERR "the guest agent hung up\\n"; exit ${asked} } print $line;
`

const socket = '/run/deskvisor/console/guest-agent.sock'

/** Fair seconds for which the agent may be taken, or answer nothing. */
const patienceS = 60

/** One command on the desktop's second QMP socket. */
const qmpScript = `
use IO::Socket::UNIX;
alarm 20;
my $s = IO::Socket::UNIX->new(Peer => '/run/deskvisor/console/qmp-tools.sock') or die "no QMP socket: $!\n";
$s->autoflush(1);
for my $command ('qmp_capabilities', $ARGV[0]) {
    print $s qq({"execute":"$command"}\n);
    while (1) { my $line = <$s>; die "QEMU hung up\n" unless defined $line; last if $line =~ /"return"/; die $line if $line =~ /"error"/; }
}
`

/** The desktop VM inside a virtual PC, reached by its guest agent as the host sees it. */
export class Guest {
  readonly #shell: Shell

  constructor(shell: Shell) {
    this.#shell = shell
  }

  /** Runs a program in the guest and waits for its end. */
  async exec(argv: string[], limitS = 120): Promise<{ status: number; stdout: string; stderr: string }> {
    const [path, ...arg] = argv
    const { pid } = await this.#ask<{ pid: number }>('guest-exec', { path, arg, 'capture-output': true })
    const end = fairSeconds() + limitS
    for (;;) {
      const state = await this.#ask<ExecStatus>('guest-exec-status', { pid })
      if (state.exited) {
        return {
          status: state.exitcode ?? 128,
          stdout: text(state['out-data']),
          stderr: text(state['err-data']),
        }
      }
      if (fairSeconds() > end)
        throw new Error(`${argv.join(' ')} did not end within ${limitS} s in the guest`)
    }
  }

  /** Starts a program in the guest, after which the agent may have no time left to answer. */
  async begin([path, ...arg]: string[]): Promise<void> {
    await this.#tell('guest-exec', { path, arg })
  }

  /** The guest shuts itself down, as if its user had chosen so. */
  async shutdown(): Promise<void> {
    await this.#tell('guest-shutdown', { mode: 'powerdown' })
  }

  async reboot(): Promise<void> {
    await this.#tell('guest-shutdown', { mode: 'reboot' })
  }

  /** The guest's kernel stops for good, so that nobody feeds its watchdog device any more. */
  async hang(): Promise<void> {
    await this.begin([
      '/bin/sh',
      '-c',
      'echo 0 >/proc/sys/kernel/panic; sleep 1; echo c >/proc/sysrq-trigger',
    ])
  }

  /** What the agent says about its system, '' when it gives no sign of life for so many seconds; not asked a second time. */
  async system(signS: number): Promise<string> {
    const request = JSON.stringify({ execute: 'guest-get-osinfo' })
    const { status, stdout } = await this.#shell(commandFor(request, true, signS), { limitS: patienceS })
    return status === 0 ? stdout : ''
  }

  /** QEMU stops the guest, as somebody does who then takes a snapshot. */
  async stop(): Promise<void> {
    const { status, stderr } = await this.#shell(`perl -e ${quote(qmpScript)} stop`)
    if (status !== 0) throw new Error(`The guest was not stopped: ${stderr}`)
  }

  /** Tells the guest something that it hears without its agent: one more NMI in its /proc/interrupts. */
  async nudge(): Promise<void> {
    const { status, stderr } = await this.#shell(`perl -e ${quote(qmpScript)} inject-nmi`)
    if (status !== 0) throw new Error(`The guest was not nudged: ${stderr}`)
  }

  async #ask<T>(execute: string, args: Record<string, unknown>): Promise<T> {
    const { stdout, status, stderr } = await this.#send(execute, args, true)
    if (status !== 0) throw new Error(`Guest agent, ${execute}: ${stderr.trim() || `status ${status}`}`)
    const answer = JSON.parse(stdout.replaceAll('\xff', '')) as { return?: T; error?: { desc: string } }
    if (answer.error || answer.return === undefined) {
      throw new Error(`Guest agent, ${execute}: ${answer.error?.desc ?? stdout}`)
    }
    return answer.return
  }

  async #tell(execute: string, args: Record<string, unknown>): Promise<void> {
    const { status, stderr } = await this.#send(execute, args, false)
    if (status !== 0) throw new Error(`Guest agent, ${execute}: ${stderr.trim() || `status ${status}`}`)
  }

  /** The watchdog asks the agent too and the socket takes one client at a time, so a refusal is tried again. */
  async #send(execute: string, args: Record<string, unknown>, answer: boolean): Promise<ShellResult> {
    const request = JSON.stringify({ execute, arguments: args })
    const command = commandFor(request, answer, 25)
    for (const end = fairSeconds() + patienceS; ; await sleep(1000)) {
      const result = await this.#shell(command, { limitS: patienceS })
      if (result.status === 0 || result.status === asked || fairSeconds() > end) return result
    }
  }
}

function commandFor(request: string, answer: boolean, signS: number): string {
  return `perl -e ${quote(agentScript)} ${socket} ${signS} ${quote(request)} ${answer ? 1 : "''"}`
}

type ExecStatus = { exited: boolean; exitcode?: number; 'out-data'?: string; 'err-data'?: string }

function text(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString()
}
