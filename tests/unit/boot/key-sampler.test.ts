import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until as untilTrue } from '../../scenarios/fair-time.ts'

type State = {
  pid: number
  keyboards: number
  firstKeyboardMs: number | null
  pressed: { key: string; device: string; ms: number }[]
}

// A serial line: says the name of its terminal side, then passes what it gets on, and says so. 'T' asks for the line settings.
const serialLineSource = `
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
int main(void) {
  int line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) || unlockpt(line)) return 1;
  int terminal = open(ptsname(line), O_RDWR | O_NOCTTY);
  printf("%s\\n", ptsname(line));
  fflush(stdout);
  char bytes[256];
  for (ssize_t size; (size = read(0, bytes, sizeof bytes)) > 0;) {
    struct termios now;
    if (size == 1 && bytes[0] == 'T' && tcgetattr(terminal, &now) == 0) {
      printf("canonical=%d echo=%d speed=%d\\n", !!(now.c_lflag & ICANON), !!(now.c_lflag & ECHO), (int)cfgetospeed(&now));
      fflush(stdout);
    } else {
      if (write(line, bytes, (size_t)size) != size) return 1;
      printf("written\\n");
      fflush(stdout);
    }
  }
  return 0;
}`

const built = t.testdir({ 'serial-line.c': serialLineSource })
const sampler = join(built, 'deskvisor-boot-key')
const serialLine = join(built, 'serial-line')
const strict = ['-std=c11', '-Os', '-Wall', '-Wextra', '-Werror']
execFileSync('cc', [
  ...strict,
  '-static',
  '-o',
  sampler,
  join(import.meta.dirname, '../../../initramfs/boot-key.c'),
])
execFileSync('cc', [...strict, '-o', serialLine, join(built, 'serial-line.c')])

const machine = (test: Test, consoles = 'tty0 ttyS0\n') => {
  const root = test.testdir({
    dev: { input: {} },
    sys: { class: { tty: { console: { active: consoles } } } },
  })
  const file = join(root, 'run/deskvisor/boot-key.json')
  return { root, file, state: (): State => JSON.parse(readFileSync(file, 'utf8')) }
}

const start = (test: Test, args: string[]): ChildProcess => {
  const child = spawn(sampler, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  test.teardown(() => child.kill('SIGKILL'))
  return child
}

const until = (what: string, condition: () => boolean) =>
  untilTrue(what, condition, { limitS: 60, everyMs: 20 })

const exitOf = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit'))[0] as number | null)

const plugSerialLine = async (test: Test, root: string, name = 'ttyS0') => {
  const child = spawn(serialLine, { stdio: ['pipe', 'pipe', 'inherit'] })
  test.teardown(() => child.kill('SIGKILL'))
  const answer = async () => String((await once(child.stdout, 'data'))[0]).trim()
  symlinkSync(await answer(), join(root, 'dev', name))
  const settings = () => {
    child.stdin.write('T')
    return answer()
  }
  /** Resolves when the terminal has it. */
  const type = (bytes: string) => {
    const written = answer()
    child.stdin.write(bytes, 'latin1')
    return written
  }
  return { type, settings }
}

/** A machine whose only input is a serial console, with the sampler listening on it. */
const listening = async (test: Test) => {
  const pc = machine(test)
  const line = await plugSerialLine(test, pc.root)
  const before = await line.settings()
  const child = start(test, ['--root', pc.root])
  await until('the first state', () => existsSync(pc.file))
  const keys = () => pc.state().pressed.map(({ key }) => key)
  return { ...pc, line, before, child, keys }
}

t.test('says at once that there is no keyboard', async (t) => {
  const { root, state, file } = machine(t, '')
  const child = start(t, ['--root', root])
  await until('the first state', () => existsSync(file))
  t.same(state(), { pid: child.pid, keyboards: 0, firstKeyboardMs: null, pressed: [] })
  const { ino } = statSync(file)
  await sleep(200)
  t.equal(statSync(file).ino, ino, 'and does not write again while nothing changes')
  child.kill('SIGTERM')
  t.equal(await exitOf(child), 0)
})

const sequences: [string, string, string][] = [
  ['vt220 and xterm', '\x1b[19~', 'f8'],
  ['xterm with shift', '\x1b[19;2~', 'f8'],
  ['vt220 PF1', '\x1bOP', 'f1'],
  ['rxvt', '\x1b[11~', 'f1'],
  ['linux', '\x1b[[E', 'f5'],
  ['linux pause', '\x1b[P', 'pause'],
  ['vt220', '\x1b[24~', 'f12'],
  ['xterm home', '\x1b[H', 'home'],
  ['vt220 delete', '\x1b[3~', 'delete'],
  ['vt220 page up', '\x1b[5~', 'pageup'],
]

t.test('knows the keys of serial terminals', async (t) => {
  for (const [terminal, bytes, key] of sequences) {
    await t.test(`${key} of ${terminal}`, async (t) => {
      const { line, keys, state } = await listening(t)
      line.type(bytes)
      await until(`${key} is recorded`, () => keys().includes(key))
      t.same(keys(), [key])
      t.equal(state().pressed[0]?.device, 'ttyS0')
      t.ok((state().pressed[0]?.ms ?? 0) > 0)
    })
  }
})

t.test('takes ESC alone for the key, ESC in front of something else not', async (t) => {
  const { line, keys } = await listening(t)
  line.type('\x1bx')
  await sleep(300)
  t.same(keys(), [])
  line.type('\x1b')
  await until('esc is recorded', () => keys().length > 0)
  t.same(keys(), ['esc'])
})

t.test(
  'records nothing of garbage, passwords and answers of the terminal, and hears the key after them',
  async (t) => {
    const { line, keys, file } = await listening(t)
    line.type('hunter2\r\n\x00\xff\xfe[19~19~\x1b[?1;2c\x1b[24;80R\x1b[1;2R\x1b[200~')
    line.type(`\x1b[${'9'.repeat(5000)}~\x1b[190~\x1b[1\x079~\x1bO`)
    await sleep(1300)
    line.type('9~')
    await sleep(200)
    t.same(keys(), [])
    line.type('\x1b[1\x1b[19~')
    await until('f8 is recorded', () => keys().length > 0)
    t.same(keys(), ['f8'])
    t.notMatch(readFileSync(file, 'utf8'), /hunter/)
  },
)

t.test('hears a console that appears late, and only consoles', async (t) => {
  const { root, file, state } = machine(t, 'tty0\n')
  const line = await plugSerialLine(t, root, 'ttyUSB0')
  const notAConsole = await plugSerialLine(t, root, 'ttyS1')
  start(t, ['--root', root])
  await until('the first state', () => existsSync(file))
  line.type('\x1b[20~')
  await sleep(100)
  writeFileSync(join(root, 'sys/class/tty/console/active'), '../ttyS1 ttyUSB0 tty0\n')
  await sleep(700)
  notAConsole.type('\x1b[19~')
  line.type('\x1b[19~')
  await until('f8 is recorded', () => state().pressed.some(({ key }) => key === 'f8'))
  t.ok(state().pressed.every(({ device }) => device === 'ttyUSB0'))
})

t.test('gives the serial line back as it was', async (t) => {
  const { line, before, child } = await listening(t)
  t.match(before, /canonical=1 echo=1/)
  t.equal(await line.settings(), before.replace('canonical=1 echo=1', 'canonical=0 echo=0'), 'same speed')
  child.kill('SIGTERM')
  t.equal(await exitOf(child), 0)
  t.equal(await line.settings(), before)
})

t.test('keeps what was pressed when it is told to end', async (t) => {
  const { line, child, state } = await listening(t)
  await line.type('\x1b[19~')
  child.kill('SIGTERM')
  t.equal(await exitOf(child), 0)
  t.match(state(), { pid: child.pid, pressed: [{ key: 'f8' }] })
})

t.test('a second one leaves the first at work', async (t) => {
  const { root, line, child, state, keys } = await listening(t)
  const second = start(t, ['--root', root])
  t.equal(await exitOf(second), 0)
  t.equal(state().pid, child.pid)
  line.type('\x1b[19~')
  await until('f8 is recorded', () => keys().includes('f8'))
})

t.test('starts afresh after one that was killed', async (t) => {
  const { root, line, child, state, keys } = await listening(t)
  line.type('\x1b[19~')
  await until('f8 is recorded', () => keys().includes('f8'))
  child.kill('SIGKILL')
  await exitOf(child)
  const second = start(t, ['--root', root])
  await until('its state', () => state().pid === second.pid)
  t.same(keys(), [])
})

t.test('does not touch a process whose number stands in a garbage file', async (t) => {
  for (const text of [
    `{"pid":${process.pid}`,
    '{"pid":1',
    '{"pid":-1',
    '',
    '\x00\xff',
    '{"pid":99999999999999',
  ]) {
    const { root, file, state } = machine(t)
    mkdirSync(join(root, 'run/deskvisor'), { recursive: true })
    writeFileSync(file, text)
    const child = start(t, ['--root', root, '--once'])
    t.equal(await exitOf(child), 0)
    t.equal(state().pid, child.pid)
  }
})

t.test('is not misled by things in /dev/input that are no keyboards', async (t) => {
  const { root, state } = machine(t)
  writeFileSync(join(root, 'dev/input/event0'), 'no device')
  mkdirSync(join(root, 'dev/input/event1'))
  symlinkSync('event2', join(root, 'dev/input/event2'))
  execFileSync('mkfifo', [join(root, 'dev/input/event3')])
  writeFileSync(join(root, 'dev/input/event99999999999'), '')
  const child = start(t, ['--root', root, '--seconds', '0.3'])
  t.equal(await exitOf(child), 0)
  t.match(state(), { keyboards: 0, firstKeyboardMs: null, pressed: [] })
})

t.test('works where /dev, /sys and the run folder are missing', async (t) => {
  const output = join(t.testdir({}), 'deep/er/keys.json')
  const child = start(t, ['--root', '/nonexistent', '--output', output, '--once'])
  t.equal(await exitOf(child), 0)
  t.match(JSON.parse(readFileSync(output, 'utf8')), { keyboards: 0 })
})

t.test('refuses what it does not understand', async (t) => {
  for (const args of [['--what'], ['--seconds'], ['--seconds', 'x'], ['--seconds', '-1'], ['--root']]) {
    const child = spawn(sampler, args, { stdio: 'ignore' })
    t.equal(await exitOf(child), 2, args.join(' '))
  }
})
