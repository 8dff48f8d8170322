import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { attach } from '../../../orchestrator/console/attach.ts'
import { pingGuestAgent } from '../../../orchestrator/console/guest-agent.ts'
import { asWatchdogEvent } from '../../../orchestrator/console/qemu-events.ts'
import { connectQmp, type QmpEvent } from '../../../orchestrator/console/qmp.ts'
import type { WatchdogEvent } from '../../../orchestrator/console/watchdog-types.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { fairSeconds } from '../../scenarios/fair-time.ts'

type Test = { teardown(clean: () => void): void }

const greeting = '{"QMP": {"version": {}, "capabilities": []}}\r\n'

/** A server on a unix socket that does `answer` with each connection; resolves with the socket's path. */
function serve(test: Test, answer: (socket: Socket) => void): Promise<string> {
  // The name of a unix socket has at most 107 bytes, so not below the test's own folder.
  const folder = mkdtempSync(join(tmpdir(), 'qmp-'))
  const path = join(folder, 's')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    answer(socket)
  })
  test.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return new Promise((resolve) => server.listen(path, () => resolve(path)))
}

/** Speaks QMP: `answers` maps a command to its raw answer, `%` standing for the id. */
function qemu(socket: Socket, answers: Record<string, string> = {}): void {
  socket.write(greeting)
  socket.on('data', (data) => {
    for (const line of data.toString().trim().split('\n')) {
      const { execute, id } = JSON.parse(line)
      socket.write(`${(answers[execute] ?? '{"return": {}, "id": %}').replace('%', id)}\n`)
    }
  })
}

t.test('runs commands and hears events, also when they arrive in pieces', async (t) => {
  const events: QmpEvent[] = []
  const { promise: connected, resolve } = Promise.withResolvers<Socket>()
  const path = await serve(t, (socket) => {
    qemu(socket, {
      'query-status': '{"return": {"status": "running"}, "id": %}',
      stop: '{"error": {"class": "GenericError", "desc": "not now"}, "id": %}',
    })
    resolve(socket)
  })
  const { promise: heard, resolve: hear } = Promise.withResolvers<void>()
  const onEvent = (event: QmpEvent) => {
    events.push(event)
    hear()
  }
  const qmp = await connectQmp(path, { onEvent })
  t.same(await qmp.execute('query-status'), { status: 'running' })
  await t.rejects(qmp.execute('stop'), { code: 'qmp-command', message: /not now/ })
  const socket = await connected
  socket.write('{"event": "SHUTDOWN", "da')
  setTimeout(() => socket.write('ta": {"guest": true, "reason": "guest-reset"}}\n'), 40)
  await heard
  t.same(events, [{ event: 'SHUTDOWN', data: { guest: true, reason: 'guest-reset' } }])
  qmp.close()
})

const broken: [string, (socket: Socket) => void, string][] = [
  ['nothing', () => {}, 'qmp-silent'],
  ['only a greeting', (socket) => socket.write(greeting), 'qmp-silent'],
  ['no JSON', (socket) => socket.write('hello\n'), 'qmp-garbage'],
  ['JSON that is no object', (socket) => socket.write('[1]\n'), 'qmp-garbage'],
  ['no greeting', (socket) => socket.write('{"return": {}}\n'), 'qmp-garbage'],
  ['a line without end', (socket) => socket.write(Buffer.alloc(1100 * 1024, 'x')), 'qmp-garbage'],
  ['binary garbage', (socket) => socket.write(Buffer.from([0, 255, 10, 254, 10])), 'qmp-garbage'],
  ['an end', (socket) => socket.end(), 'qmp-closed'],
  ['an end after the greeting', (socket) => socket.end(greeting), 'qmp-closed'],
]
for (const [says, answer, code] of broken) {
  t.test(`ends with ${code} when QEMU says ${says}`, async (t) => {
    await t.rejects(connectQmp(await serve(t, answer), { timeoutMs: 200 }), { code })
  })
}

t.test('ends when there is no QEMU', async (t) => {
  await t.rejects(connectQmp('/nowhere/qmp.sock'), { code: 'qmp-unreachable' })
})

t.test('tells about garbage that comes later, and lets no command wait for ever', async (t) => {
  const path = await serve(t, (socket) => qemu(socket, { quit: '<<<', cont: '{"id": 77}' }))
  const closed: (Error | null)[] = []
  const qmp = await connectQmp(path, { onClose: (reason) => closed.push(reason) })
  await t.rejects(qmp.execute('cont', undefined, 50), { code: 'qmp-silent' })
  await t.rejects(qmp.execute('quit'), { code: 'qmp-garbage' })
  t.match(closed, [{ code: 'qmp-garbage' }])
  await t.rejects(qmp.execute('cont'), { code: 'qmp-closed' })
})

t.test('attaches and turns what QEMU says into watchdog events', async (t) => {
  const events: WatchdogEvent[] = []
  const qmp = await serve(t, (socket) => {
    qemu(socket)
    setTimeout(() => {
      socket.write('{"event": "RTC_CHANGE", "data": {}}\n{"event": "WATCHDOG", "data": {"action": "none"}}\n')
      socket.write('{"event": "GUEST_PANICKED"}\n')
      socket.end('{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}\n')
    }, 30)
  })
  const onEvent = (event: WatchdogEvent) => events.push(event)
  const nowhere = machineAt('/nowhere')
  const machine = { ...nowhere, paths: { ...nowhere.paths, qmp } }
  const { closed } = await attach(machine, {
    isHealthy: () => true,
    onEvent,
    onStandstill: () => {},
    onSignal: () => {},
  })
  await closed
  t.same(events, [
    { kind: 'hang' },
    { kind: 'panic' },
    { kind: 'shutdown-reported', guest: true, reason: 'guest-shutdown' },
  ])
})

t.test('hears the guest agent behind old answers', async (t) => {
  const path = await serve(t, (socket) => {
    socket.write('{"return": 1}\nold garbage\n')
    socket.on('data', (data) => {
      const id = data.toString().match(/"id":(\d+)/)?.[1]
      if (id) socket.write(Buffer.concat([Buffer.of(0xff), Buffer.from(`{"return": ${id}}\n`)]))
      if (data.toString().includes('guest-ping')) socket.write('{"return": {}}\n')
    })
  })
  t.equal(await pingGuestAgent(path), true)
})

t.test('takes nothing else for a sign of life', async (t) => {
  const hostile: ((socket: Socket) => void)[] = [
    () => {},
    (socket) => socket.end(),
    (socket) => socket.write('{"return": {}}\n{"return": {}}\n'),
    (socket) => socket.write(Buffer.alloc(1100 * 1024, 'y')),
    (socket) => socket.write('null\n"x"\n{"return": null}\n'),
  ]
  for (const answer of hostile) t.equal(await pingGuestAgent(await serve(t, answer), 150), false)
  t.equal(await pingGuestAgent('/nowhere/agent.sock', 150), false)
})

/** Writes zeros, or whatever is given, as fast as they are taken, up to 100 MB; tells how much was taken. */
function flood(chunk: Buffer) {
  let taken = 0
  const pour = (socket: Socket) => {
    const more = () => {
      while (taken < 100e6 && !socket.destroyed) {
        taken += chunk.length
        if (!socket.write(chunk)) {
          socket.once('drain', more)
          return
        }
      }
    }
    more()
  }
  return { pour, taken: () => taken }
}

t.test('a line of 100 MB is given up after the first', async (t) => {
  const qemuFlood = flood(Buffer.alloc(65_536, 'x'))
  await t.rejects(connectQmp(await serve(t, qemuFlood.pour)), { code: 'qmp-garbage' })
  t.ok(qemuFlood.taken() < 10e6, `${qemuFlood.taken()} bytes`)
  const later = flood(Buffer.alloc(65_536, 'x'))
  const path = await serve(t, (socket) => {
    qemu(socket)
    setTimeout(() => later.pour(socket), 50)
  })
  const reason = await new Promise((resolve) => connectQmp(path, { onClose: resolve }))
  t.match(reason, { code: 'qmp-garbage' })
  t.ok(later.taken() < 10e6, `${later.taken()} bytes`)
  const agentFlood = flood(Buffer.alloc(65_536, 'y'))
  t.equal(await pingGuestAgent(await serve(t, agentFlood.pour)), false)
  t.ok(agentFlood.taken() < 10e6, `${agentFlood.taken()} bytes`)
})

t.test('endless short lines do not outlast the time-out', async (t) => {
  const lines = flood(Buffer.from('{"return": {"a": 1}}\n'.repeat(3000)))
  const start = fairSeconds()
  t.equal(await pingGuestAgent(await serve(t, lines.pour), 300), false)
  t.ok(fairSeconds() - start < 10)
})

t.test('what should be text and is not does not end the watchdog', async (t) => {
  const events: WatchdogEvent[] = []
  const path = await serve(t, (socket) => {
    qemu(socket, { 'query-status': '{"error": {"desc": {"toString": 1}}, "id": %}' })
    setTimeout(() => {
      socket.write('{"event": "SHUTDOWN", "data": {"reason": {"toString": 1, "valueOf": 1}}}\n')
      socket.end(`{"event": "SHUTDOWN", "data": ${'['.repeat(9000)}${']'.repeat(9000)}}\n`)
    }, 30)
  })
  const { promise: closed, resolve } = Promise.withResolvers<unknown>()
  const qmp = await connectQmp(path, {
    onEvent: (event) => {
      const known = asWatchdogEvent(event)
      if (known) events.push(known)
    },
    onClose: resolve,
  })
  await t.rejects(qmp.execute('query-status'), { code: 'qmp-command', message: /no description/ })
  await closed
  t.same(events, [
    { kind: 'shutdown-reported', guest: false, reason: 'unknown' },
    { kind: 'shutdown-reported', guest: false, reason: 'unknown' },
  ])
})
