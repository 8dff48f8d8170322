import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { consoleLeftBehind } from '../../orchestrator/console/index.ts'
import { run } from '../../orchestrator/host/process.ts'

const mainModule = new URL('../../orchestrator/main.ts', import.meta.url).pathname
const watchModule = new URL('../../orchestrator/boot/watch.ts', import.meta.url).href

/** A systemctl that logs what it is asked and says of the console's unit what the file `unit` says. */
const systemctl = (folder: string) => `#!/bin/sh
echo "$*" >> ${folder}/log
case "$1" in
  show) cat ${folder}/unit ;;
  is-system-running) echo running ;;
  kill) printf 'ActiveState=failed\\nResult=signal\\n' > ${folder}/unit ;;
esac
`

/** A journalctl that gives what the file `journal` holds. */
const journalctl = (folder: string) => `#!/bin/sh
case "$*" in *--output=json*) cat ${folder}/journal 2>/dev/null ;; esac
`

type Test = { teardown(clean: () => void): void }

/** A machine with a made-up systemd and QEMU, on which the real watchdog runs as a process of its own. */
async function machine(test: Test, answer: (line: string, socket: Socket) => void = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), 'watchdog-'))
  mkdirSync(join(folder, 'run/deskvisor/console'), { recursive: true })
  writeFileSync(join(folder, 'systemctl'), systemctl(folder))
  writeFileSync(join(folder, 'journalctl'), journalctl(folder))
  for (const program of ['systemctl', 'journalctl']) chmodSync(join(folder, program), 0o755)
  const unit = (state: string, result: string) =>
    writeFileSync(join(folder, 'unit'), `ActiveState=${state}\nResult=${result}\n`)
  unit('active', 'success')
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write('{"QMP": {}}\n')
    socket.on('data', (data) => {
      for (const line of data.toString().trim().split('\n')) {
        socket.write(`{"return": {}, "id": ${JSON.parse(line).id}}\n`)
        answer(line, socket)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(join(folder, 'run/deskvisor/console/qmp.sock'), resolve))
  const children: ChildProcess[] = []
  test.teardown(() => {
    for (const child of children) child.kill('SIGKILL')
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const start = () => {
    // What would end the machine is a line on standard error, for this tree is none.
    const script = `import { watch } from '${watchModule}'; await watch('${folder}')`
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, NODE_OPTIONS: '' }
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env,
      stdio: ['ignore', 'ignore', openSync(join(folder, 'log'), 'a')],
    })
    children.push(child)
    return { child, exit: new Promise<number | null>((resolve) => child.on('exit', resolve)) }
  }
  const say = (event: string, data: object) => sockets.at(-1)?.write(`${JSON.stringify({ event, data })}\n`)
  const write = (record: object) =>
    writeFileSync(join(folder, 'run/deskvisor/watchdog.json'), JSON.stringify(record))
  const journal = (...lines: object[]) =>
    writeFileSync(join(folder, 'journal'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const log = () => (existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '')
  const attached = async (times: number) => {
    while (sockets.length < times) await sleep(20)
    await sleep(150)
  }
  const record = () => JSON.parse(readFileSync(join(folder, 'run/deskvisor/watchdog.json'), 'utf8'))
  return {
    folder,
    unit,
    start,
    write,
    journal,
    say,
    log,
    attached,
    record,
    close: () => sockets.at(-1)?.destroy(),
  }
}

t.test('powers the machine off once the guest has shut down and QEMU has ended', async (t) => {
  const { unit, start, say, log, attached, close } = await machine(t)
  const { exit } = start()
  await attached(1)
  say('SHUTDOWN', { guest: true, reason: 'guest-shutdown' })
  await sleep(100)
  t.notMatch(log(), /poweroff/)
  close()
  unit('inactive', 'success')
  t.equal(await exit, 0)
  t.match(log(), /would poweroff now/)
})

t.test('a restart of the guest starts this same program again, in the same tree', async (t) => {
  const { folder, unit, write, journal, log } = await machine(t)
  write({ starts: 1, startedAt: 100, running: true })
  journal(said('guest-reset', 120))
  unit('inactive', 'success')
  const command = [`PATH=${folder}:${process.env.PATH}`, 'NODE_OPTIONS=', process.execPath, mainModule]
  const { status, stderr } = await run('env', [...command, 'watchdog', '--root', folder], {
    timeoutMs: 30_000,
  })
  t.equal(status, 0, stderr)
  t.match(stderr, /would reboot now/)
  t.match(JSON.parse(readFileSync(join(folder, 'var/lib/deskvisor/boot/next'), 'utf8')), {
    reason: { code: 'no-cartridge' },
  })
  t.notMatch(log(), /reboot|poweroff/)
})

t.test('attaches again after it was killed, and the console notices nothing', async (t) => {
  const commands: string[] = []
  const { start, log, attached } = await machine(t, (line) => commands.push(JSON.parse(line).execute))
  const first = start()
  await attached(1)
  first.child.kill('SIGKILL')
  await first.exit
  const second = start()
  await attached(2)
  t.notMatch(log(), /kill|stop|poweroff|reboot/)
  t.same(new Set(commands), new Set(['qmp_capabilities', 'query-status']))
  second.child.kill('SIGTERM')
  t.equal(await second.exit, 0, 'and goes quietly when it is told to')
})

t.test('asks for recovery at the third crash', async (t) => {
  const { folder, unit, start, say, log, attached, record } = await machine(t, (line, socket) => {
    if (line.includes('"quit"')) {
      writeFileSync(join(folder, 'unit'), 'ActiveState=inactive\nResult=success\n')
      socket.end()
    }
  })
  const now = Number(process.hrtime.bigint() / 1_000_000_000n)
  const crashTimes = [now - 20, now - 10]
  writeFileSync(join(folder, 'run/deskvisor/watchdog.json'), JSON.stringify({ crashes: 2, crashTimes }))
  unit('active', 'success')
  const { exit } = start()
  await attached(1)
  say('WATCHDOG', { action: 'none' })
  t.equal(await exit, 0)
  t.match(log(), /would reboot now/)
  t.match(record(), { crashes: 3, lastCrash: /stopped responding/ })
  t.match(JSON.parse(readFileSync(join(folder, 'var/lib/deskvisor/boot/next'), 'utf8')), {
    intent: 'recovery',
    reason: { code: 'crash-loop', text: /3 times within five minutes.*stopped responding/ },
  })
})

t.test('ends a QEMU that speaks no QMP, and counts it as a crash', async (t) => {
  const { start, log, record } = await machine(t, (_, socket) => socket.write('\u0000garbage\n'))
  start()
  while (!log().includes('kill')) await sleep(50)
  while (record().crashes === 0) await sleep(50)
  t.match(log(), /^kill --signal=KILL deskvisor-console\.service$/m)
  t.match(record().lastCrash, /does not speak QMP/)
})

/** A line of the journal in which QEMU says why it ended, `at` a monotonic second. */
const said = (reason: string, at: number) => ({
  __MONOTONIC_TIMESTAMP: String(at * 1_000_000),
  MESSAGE: JSON.stringify({ event: 'SHUTDOWN', data: { guest: true, reason } }),
})

const recently = () => Number(process.hrtime.bigint() / 1_000_000_000n) - 10

const whileAway: [string, { result?: string; journal?: object[]; record?: object }, RegExp][] = [
  ['shut down', { journal: [said('guest-shutdown', 120)] }, /would poweroff now/],
  [
    'restarted',
    { journal: [said('guest-reset', 120)], record: { onGuestReboot: 'reboot-host' } },
    /would reboot now/,
  ],
  ['was stopped on the host', { journal: [said('host-signal', 120)] }, /^(?!.*would)/s],
  [
    'ended cleanly and nobody knows why',
    { journal: [{ MESSAGE: [1, 2] }, { MESSAGE: '{"event":' }] },
    /would poweroff now/,
  ],
  [
    'ended, and only an earlier console said how',
    { journal: [said('host-signal', 80)] },
    /would poweroff now/,
  ],
  [
    'crashed a third time',
    { result: 'core-dump', record: { crashTimes: [recently(), recently()] } },
    /would reboot now/,
  ],
]
for (const [what, { result = 'success', journal: lines = [], record: known = {} }, expected] of whileAway) {
  t.test(`finds out what to do when the console ${what} while no watchdog ran`, async (t) => {
    const { unit, start, write, journal, log, record } = await machine(t)
    write({ starts: 1, startedAt: 100, running: true, ...known })
    journal(...lines)
    unit(result === 'success' ? 'inactive' : 'failed', result)
    t.equal(await start().exit, 0)
    t.match(log(), expected)
    t.equal(record().running, false)
  })
}

t.test(
  'a watchdog that dies during the back-off leaves the start to the next one, and counts once',
  async (t) => {
    const { unit, start, write, record } = await machine(t)
    write({ starts: 1, startedAt: 100, running: true, backOff: 30 })
    unit('failed', 'signal')
    const first = start()
    while (!existsRecord(record)) await sleep(20)
    first.child.kill('SIGKILL')
    await first.exit
    t.match(record(), { crashes: 1, due: { kind: 'relaunch', afterSeconds: 30 } })
    const second = start()
    await sleep(700)
    t.equal(second.child.exitCode, null, 'it waits as the first one did')
    t.match(record(), { crashes: 1 })
  },
)

const existsRecord = (record: () => { due?: object | null }) => Boolean(record().due)

t.test('a boot finds a console that was left behind, unless the desktop was chosen anew', async (t) => {
  const { folder, write, unit, folder: root } = await machine(t)
  const path = process.env.PATH
  process.env.PATH = `${folder}:${path}`
  t.teardown(() => {
    process.env.PATH = path
  })
  writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\nexit 3\n')
  unit('inactive', 'success')
  t.equal(await consoleLeftBehind(root), false, 'no record')
  write({ running: true })
  t.equal(await consoleLeftBehind(root), true, 'it ended unwatched')
  write({ running: false, due: { kind: 'power-off' } })
  t.equal(await consoleLeftBehind(root), true, 'what it asked for is still due')
  writeFileSync(join(root, 'run/deskvisor/start-desktop'), '')
  t.equal(await consoleLeftBehind(root), false, 'somebody chose the desktop in the menu')
  writeFileSync(join(folder, 'systemctl'), '#!/bin/sh\nexit 0\n')
  t.equal(await consoleLeftBehind(root), true, 'but it runs')
})
