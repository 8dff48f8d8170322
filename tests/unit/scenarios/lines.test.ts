import { spawn } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { chordOf, qcodeOf } from '../../scenarios/pc/keys.ts'
import { SerialTerminal } from '../../scenarios/pc/serial.ts'
import {
  parseResult,
  quote,
  scriptLines,
  TestShell,
  testShellCredentials,
} from '../../scenarios/pc/test-shell.ts'

type Line = Pick<Socket, 'write' | 'on'>

/** A serial line whose far end is the test: what was written to it, and `emit('data')` for what comes in. */
function fakeLine() {
  const written: string[] = []
  const emitter = new EventEmitter()
  const line = Object.assign(emitter, { write: (text: string) => written.push(text) > 0 })
  return {
    line: line as unknown as Line,
    written,
    say: (text: string) => emitter.emit('data', Buffer.from(text)),
  }
}

t.test('the serial terminal shows the screen, not the bytes', async (t) => {
  const { line, say } = fakeLine()
  const serial = new SerialTerminal(line)
  say('noise\x1b[2J\x1b[3;5HDesk\x1b[7mvisor\x1b[0m')
  t.match(await serial.waitFor(/Deskvisor/, { limitS: 5 }), /^\n\n {4}Deskvisor$/)
})

t.test('the serial terminal answers where its corner is, as 80 by 24', async (t) => {
  const { line, written, say } = fakeLine()
  const serial = new SerialTerminal(line)
  say('\x1b[999;999H\x1b[6nx')
  await serial.waitFor(/x/, { limitS: 5 })
  t.equal(written.join(''), '\x1b[24;80R')
})

t.test('waiting for what never comes tells what was there instead', async (t) => {
  const { line, say } = fakeLine()
  const serial = new SerialTerminal(line)
  say('something else')
  await t.rejects(serial.waitFor(/menu/, { limitS: 0.3 }), /something else/)
})

/** The loop of the unit that the image is given, run by this machine's shell. */
function realShell(t: { teardown(handler: () => void): void }): Line & { say(text: string): void } {
  const unit = testShellCredentials['systemd.extra-unit.deskvisor-test-shell.service'] ?? ''
  const script = /-c '(.*)'$/m
    .exec(unit)?.[1]
    ?.replaceAll('$$', '$')
    .replaceAll('\\"', '"')
    .replaceAll('\\\\', '\\')
  const child = spawn('sh', ['-c', script ?? 'exit 1'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const folder = mkdtempSync(join(tmpdir(), 'deskvisor-lines-'))
  t.teardown(() => {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  })
  const emitter = new EventEmitter()
  child.stdout.on('data', (data) => emitter.emit('data', data))
  return Object.assign(emitter, {
    write: (text: string) => child.stdin.write(text.replaceAll('/run/test-', `${folder}/test-`)),
    say: (text: string) => emitter.emit('data', Buffer.from(text)),
  }) as unknown as Line & { say(text: string): void }
}

t.test('a command in the host gives its status and its output byte for byte', async (t) => {
  const line = realShell(t)
  const shell = new TestShell(line)
  line.say('boot noise \x1b[0m <<END\n')
  const binary = await shell.run("printf '\\000\\377\\n<<END x'; echo oops >&2; exit 3")
  t.same(binary.bytes, Buffer.from([0, 255, 10, ...Buffer.from('<<END x')]))
  t.equal(binary.stderr, 'oops\n')
  t.equal(binary.status, 3)
  t.equal((await shell.run(['printf', '%s|', "it's", '$HOME', ''])).stdout, "it's|$HOME||")
  const long = `printf %s ${'x'.repeat(20_000)}`
  t.equal((await shell.run(long)).stdout.length, 20_000)
  const [first, second] = await Promise.all([shell.run('echo 1'), shell.run('cat; echo 2')])
  t.same([first.stdout, second.stdout], ['1\n', '2\n'])
})

t.test('a command that never ends is given up, and named', async (t) => {
  const shell = new TestShell(realShell(t))
  await t.rejects(shell.run('sleep 60', 0.3), /the end of: sleep 60/)
})

t.test(
  'a restart of the host is an error for what was running, and the next boot answers again',
  async (t) => {
    const { line, written, say } = fakeLine()
    const shell = new TestShell(line)
    say('<<READY>>\n')
    const running = shell.run('echo 1')
    while (written.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    shell.reset()
    await t.rejects(running, /restarted/)
    say('firmware\n<<READY>>\n')
    await shell.ready(1)
    t.equal(shell.boots, 2)
  },
)

t.test('no line that is typed is longer than a terminal takes', async (t) => {
  const lines = scriptLines('y'.repeat(50_000), 'abc')
  t.ok(lines.length > 20)
  for (const line of lines) t.ok(line.length < 4095)
  t.equal(parseResult('\n<<OUT abc\naGk=\n<<ERR other\n', 'abc'), undefined)
  t.equal(quote("a'b"), "'a'\\''b'")
})

t.test('text is typed with the keys of a US keyboard', async (t) => {
  t.same(chordOf('a'), ['a'])
  t.same(chordOf('A'), ['shift', 'a'])
  t.same(chordOf('\n'), ['ret'])
  t.same(chordOf('_'), ['shift', 'minus'])
  t.same(chordOf('"'), ['shift', 'apostrophe'])
  t.same(
    [...'!?~$'].map((character) => chordOf(character)[1]),
    ['1', 'slash', 'grave_accent', '4'],
  )
  t.throws(() => chordOf('é'), /No key/)
  t.equal(qcodeOf('enter'), 'ret')
  t.equal(qcodeOf('f8'), 'f8')
})
