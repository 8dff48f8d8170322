import { mkdirSync, readFileSync, statSync, watch } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { monotonicSeconds, passing } from '../../../orchestrator/host/clock.ts'
import { until } from '../../scenarios/fair-time.ts'
import { machine } from '../fixtures/watchdog.ts'

/** Sends this again and again, as fast as it is taken, until the socket is closed; tells how many bytes were taken. */
function pour(chunk: string | Buffer) {
  let taken = 0
  return {
    taken: () => taken,
    into(socket: Socket) {
      socket.on('error', () => {})
      const more = () => {
        while (!socket.destroyed) {
          taken += chunk.length
          if (!socket.write(chunk)) return void socket.once('drain', more)
        }
      }
      more()
    },
  }
}

/** Megabytes of memory of its own that a process has now, and how often its tree's record was written since. */
function bounds(t: Test, folder: string, pid: number) {
  let writes = 0
  const watcher = watch(join(folder, 'run/deskvisor'), (_, name) => {
    if (name === 'watchdog.json') writes += 1
  })
  t.teardown(() => watcher.close())
  const anonymousMb = () =>
    Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000
  const before = anonymousMb()
  return { grownMb: () => anonymousMb() - before, writes: () => writes }
}

const events = (name: string, data = {}) =>
  `{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "${name}", "data": ${JSON.stringify(data)}}\n`

t.test(
  'events without end: little memory, nothing written, and it still looks after the guest',
  async (t) => {
    const looks: number[] = []
    const { folder, start, attached, record, log, qemu, write } = await machine(t, (line) => {
      if (line.includes('query-status')) looks.push(1)
    })
    mkdirSync(join(folder, 'var/lib/deskvisor'), { recursive: true })
    write({ healthy: true, running: true })
    const { child } = start()
    await attached(1)
    const { grownMb, writes } = bounds(t, folder, child.pid ?? 0)
    const known = looks.length
    const flood = pour(
      ['STOP', 'RESUME', 'RTC_CHANGE', 'BLOCK_IO_ERROR', 'GUEST_CRASHLOADED', 'constructor']
        .map((name) => events(name, { offset: 1, action: 'run' }))
        .join('')
        .repeat(100),
    )
    const socket = qemu()
    if (socket) flood.into(socket)
    await until('it looked twice more', () => looks.length >= known + 2, { limitS: 120 })
    await until('much was read', () => flood.taken() > 50e6, { limitS: 120 })
    t.ok(grownMb() < 60, `${grownMb()} MB`)
    t.ok(writes() < 3, `${writes()} writes`)
    t.ok(log().length < 20_000, `${log().length} bytes of log`)
    t.match(record(), { healthy: true, running: true })
    t.equal(child.exitCode, null)
  },
)

t.test('a panic without end is one', async (t) => {
  const commands: string[] = []
  const { folder, start, attached, record, qemu, unit, close, log } = await machine(t, (line) =>
    commands.push(JSON.parse(line).execute),
  )
  const { child, exit } = start()
  await attached(1)
  const { writes } = bounds(t, folder, child.pid ?? 0)
  const flood = pour((events('GUEST_PANICKED') + events('WATCHDOG')).repeat(500))
  const socket = qemu()
  if (socket) flood.into(socket)
  await until('much was read', () => flood.taken() > 20e6, { limitS: 120 })
  t.match(record(), { ending: { kind: 'crash', text: /fatal error/ } })
  t.equal(commands.filter((command) => command === 'quit').length, 1)
  t.ok(writes() < 5, `${writes()} writes`)
  close()
  unit('inactive', 'success')
  await until('it goes to its next start', () => record().crashes === 1, { limitS: 60 })
  t.notMatch(log(), /would poweroff/)
  child.kill('SIGKILL')
  await exit
})

t.test('panics of a guest whose user logged out end it once', async (t) => {
  const commands: string[] = []
  const { start, attached, qemu, write } = await machine(t, (line) => commands.push(JSON.parse(line).execute))
  const at = monotonicSeconds(passing)
  write({ healthy: true, running: true, ending: { kind: 'logged-out', at } })
  start()
  await attached(1)
  const flood = pour(events('GUEST_PANICKED').repeat(500))
  const socket = qemu()
  if (socket) flood.into(socket)
  await until('much was read', () => flood.taken() > 20e6, { limitS: 120 })
  t.equal(commands.filter((command) => command === 'quit').length, 1)
})

/** A guest agent that sends this without end, whatever it is asked. */
async function hostileAgent(t: Test, folder: string, chunk: Buffer) {
  const flood = pour(chunk)
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    flood.into(socket)
  })
  await new Promise<void>((resolve) =>
    server.listen(join(folder, 'run/deskvisor/console/guest-agent.sock'), resolve),
  )
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { conversations: () => sockets.length, taken: flood.taken }
}

const megabyte = 1_000_000
const garbage: [string, Buffer][] = [
  ['answers nobody asked for', Buffer.from('{"return": {}}\n{"error": {"desc": "x"}}\n'.repeat(2000))],
  ['invalid UTF-8', Buffer.alloc(65_536, Buffer.of(0xff, 0xc0, 0x80, 0x0a))],
  ['half JSON', Buffer.from('{"return": \n{"return": [{"a":\n'.repeat(2000))],
  ['lines of deep JSON', Buffer.from(`{"return": ${'['.repeat(500_000)}${']'.repeat(500_000)}}\n`)],
  ['a line without end', Buffer.alloc(megabyte, 'x')],
]
for (const [what, chunk] of garbage) {
  t.test(`a guest agent that sends ${what}: little is read, little memory is taken`, async (t) => {
    const { folder, start, attached, record, write } = await machine(t)
    write({ running: true, startedAt: monotonicSeconds(passing) })
    const agent = await hostileAgent(t, folder, chunk)
    const { child } = start()
    await attached(1)
    const { grownMb, writes } = bounds(t, folder, child.pid ?? 0)
    let most = 0
    await until(
      'it was asked again',
      () => {
        most = Math.max(most, grownMb())
        return agent.conversations() >= 2
      },
      { limitS: 60, everyMs: 20 },
    )
    // What is taken and not read is in the sockets' buffers.
    const perConversation = agent.taken() / agent.conversations()
    t.ok(perConversation < 2 * megabyte, `${perConversation} bytes of a conversation`)
    t.ok(most < 25, `${most} MB`)
    t.ok(writes() < 3, `${writes()} writes`)
    t.equal(record().healthy ?? false, false)
  })
}

t.test('a guest that signals without end is read slowly', async (t) => {
  const { folder, start, attached, write, guests, log } = await machine(t)
  mkdirSync(join(folder, 'var/lib/deskvisor'), { recursive: true })
  write({ healthy: true, running: true })
  const { child } = start()
  await attached(1)
  const ticks = () => {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return Number(fields[11]) + Number(fields[12])
  }
  const flood = pour(Buffer.from('\nx\nlogout\n'.repeat(6000)))
  await until('it listens', () => guests.length > 0, { limitS: 60 })
  const socket = guests[0]
  if (socket) flood.into(socket)
  const before = ticks()
  await until('it complained', () => /does not know/.test(log()), { limitS: 60 })
  const started = performance.now()
  await until('seconds passed', () => performance.now() - started > 4000, { limitS: 60 })
  // Four seconds have 400 ticks.
  t.ok(ticks() - before < 25, `${ticks() - before} ticks`)
  t.ok(log().length < 2000, log())
  t.equal(statSync(join(folder, 'run/deskvisor/watchdog.json')).isFile(), true)
})
