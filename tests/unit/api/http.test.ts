import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync } from 'node:fs'
import { request } from 'node:http'
import { connect, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findCaller } from '../../../orchestrator/api/caller.ts'
import { connectApi } from '../../../orchestrator/api/connect.ts'
import { defaultLimits } from '../../../orchestrator/api/connections.ts'
import { run } from '../../../orchestrator/host/process.ts'
import { until } from '../../scenarios/fair-time.ts'
import { ask, done, open, sendBytes, startDaemon } from '../fixtures/daemon.ts'
import { Tree } from '../fixtures/tree.ts'

const activated = fileURLToPath(new URL('../fixtures/serve-activated.ts', import.meta.url))
const flood = fileURLToPath(new URL('../fixtures/flood.ts', import.meta.url))
const skip =
  (await run('systemd-socket-activate', ['--version'])).status !== 0 && 'no systemd-socket-activate here'
const notRoot = process.getuid?.() !== 0 && 'only root can become somebody else'
const json = { 'content-type': 'application/json' }

type Hostile = {
  what: string
  ask: [method: string, path: string, body?: string, headers?: Record<string, string>]
}
const hostile: (Hostile & { status: number; message: RegExp })[] = [
  {
    what: 'a route that there is not',
    ask: ['GET', '/etc/passwd'],
    status: 404,
    message: /GET \/etc\/passwd is not an/,
  },
  { what: 'a wrong method', ask: ['PUT', '/cartridges'], status: 404, message: /is not an operation/ },
  {
    what: 'dots in a path',
    ask: ['GET', '/cartridges/../timeline'],
    status: 400,
    message: /cartridge is "\.\."/,
  },
  {
    what: 'hidden dots',
    ask: ['GET', '/cartridges/%2e%2e%2f%2e%2e/timeline'],
    status: 400,
    message: /expected the name/,
  },
  {
    what: 'a NUL in a name',
    ask: ['POST', '/cartridges/a%00b/undo'],
    status: 400,
    message: /expected the name/,
  },
  {
    what: 'broken percent signs',
    ask: ['GET', '/cartridges/%zz/timeline'],
    status: 400,
    message: /not a valid URL/,
  },
  {
    what: 'a path as a job',
    ask: ['GET', '/jobs/..%2f..%2fintent/events'],
    status: 404,
    message: /no such job/,
  },
  { what: 'broken JSON', ask: ['POST', '/import', '{"file":'], status: 400, message: /not valid JSON/ },
  {
    what: 'no JSON',
    ask: ['POST', '/import', 'file=/x', { 'content-type': 'text/plain' }],
    status: 400,
    message: /is no JSON/,
  },
  { what: 'an array', ask: ['POST', '/import', '[1]'], status: 400, message: /is not a JSON object/ },
  { what: 'an empty body', ask: ['POST', '/import', '', json], status: 400, message: /is empty/ },
  { what: 'a prototype', ask: ['POST', '/import', '{"__proto__":{"a":1}}'], status: 400, message: /\w/ },
  {
    what: 'too much',
    ask: ['POST', '/import', `{"file":"${'x'.repeat(70_000)}"}`],
    status: 413,
    message: /too large/,
  },
  {
    what: 'deep nesting',
    ask: ['POST', '/import', '['.repeat(30_000)],
    status: 400,
    message: /not valid JSON/,
  },
  {
    what: 'a name twice',
    ask: ['POST', '/cartridges/gondor/rename', '{"cartridge":"rohan","newName":"x"}'],
    status: 400,
    message: /cartridge is in the body; expected it in the path/,
  },
  {
    what: 'standard input of the daemon',
    ask: ['POST', '/import', '{"file":"-","name":"x"}'],
    status: 400,
    message: /file is "-"/,
  },
  {
    what: 'a number of lines that is none',
    ask: ['GET', '/logs?lines=1e9'],
    status: 400,
    message: /whole number from 1 to 5000/,
  },
  {
    what: 'a number given twice',
    ask: ['GET', '/logs?lines=1&lines=2'],
    status: 400,
    message: /whole number/,
  },
  {
    what: 'an operating system that there is not',
    ask: ['POST', '/cartridges/mordor/insert'],
    status: 404,
    message: /mordor/,
  },
]

t.test('hostile requests get one clear sentence each, and the daemon lives', async (t) => {
  const { socketPath, api, tree } = await startDaemon(t)
  tree.withCartridge()
  for (const { what, ask: asked, status, message } of hostile) {
    const answer = await ask(socketPath, ...asked)
    t.match(answer, { status, body: { code: /^[a-z-]+$/, message } }, what)
    t.notMatch(JSON.stringify(answer.body), /\n|node_modules|at .*\.ts/, `${what}: no stack`)
  }
  t.match(await api.cartridges(), [{ name: 'gondor' }])
})

t.test('bytes that are no HTTP are answered and closed', async (t) => {
  const { socketPath, api } = await startDaemon(t)
  t.match(
    await sendBytes(socketPath, 'garbage\r\n\r\n'),
    /^HTTP\/1\.1 400 Bad Request[\s\S]*This is not HTTP\./,
  )
  t.match(await sendBytes(socketPath, Buffer.from([0x16, 3, 1, 0, 200, 0xff, 0])), /^HTTP\/1\.1 400/)
  t.match(
    await sendBytes(socketPath, `GET /status HTTP/1.1\r\nX: ${'a'.repeat(100_000)}`),
    /^HTTP\/1\.1 4\d\d/,
  )
  t.same(await api.cartridges(), [])
})

/** What a client may begin and never end. */
const halves = {
  'nothing at all': '',
  'half of the headers': 'GET /cartridges HTTP/1.1\r\nHost: x\r\nX-',
  'half of the body':
    'POST /create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  'half of a second request':
    'GET /cartridges HTTP/1.1\r\nHost: x\r\n\r\nGET /cartridges HTTP/1.1\r\nHost: x\r\nX-',
  'no HTTP': 'garbage\r\n\r\n',
}
const soon = { headersMs: 40, requestMs: 80, checkMs: 20, lingerMs: 20 }
/** Longer than any test lasts. */
const never = { headersMs: 3_000_000, requestMs: 3_600_000, checkMs: 3_600_000, lingerMs: 3_600_000 }

for (const [what, bytes] of Object.entries(halves)) {
  t.test(`a client that sends ${what} and keeps its end open is gone at the deadline`, async (t) => {
    const { socketPath, app } = await startDaemon(t, { deadlines: soon })
    const socket = connect({ path: socketPath, allowHalfOpen: true })
    t.teardown(() => socket.destroy())
    socket.on('error', () => {}).write(bytes)
    let said = ''
    socket.on('data', (piece) => {
      said += piece
    })
    await once(socket, 'end')
    const gone = async () => (await connectionsOf(app.server)) === 0
    await until('the connection is gone', gone, { limitS: 60 })
    t.match(said, /HTTP\/1\.1 400 Bad Request\r\n[\s\S]*(did not come in time|not HTTP)\."/)
  })

  t.test(`clients that send ${what} keep nobody out, whatever the deadline`, async (t) => {
    const { socketPath, api, app } = await startDaemon(t, { deadlines: never })
    const ofOne = spawn(process.execPath, [flood, socketPath, '200', bytes], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    t.teardown(() => ofOne.kill('SIGKILL'))
    await once(ofOne.stdout, 'data')
    t.same(await api.cartridges(), [], 'another program is answered')
    t.ok((await connectionsOf(app.server)) <= defaultLimits.process)
    const own = await Promise.all(Array.from({ length: 200 }, () => open(socketPath)))
    for (const socket of own) socket.on('error', () => {}).write(bytes)
    t.same(await api.cartridges(), [], 'and the program that does it, too')
    for (const socket of own) socket.destroy()
  })
}

t.test('who asks more at once than it may is told so, and what it asks is not done', async (t) => {
  const { socketPath, service, api, tree } = await startDaemon(t, {
    limits: { process: 3, user: 100, total: 100 },
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  const { id } = service.jobs.start('test', 'Something long', () => promise)
  const stop = new AbortController()
  const followed = [1, 2, 3].map(
    () =>
      new Promise((first) => {
        api.followJob(id, first, stop.signal).catch(() => {})
      }),
  )
  await Promise.all(followed)
  tree.withCartridge()
  const refused = { code: 'too-many-connections', hint: /Try again/ }
  await t.rejects(api.deleteCartridge('gondor'), refused)
  t.match(await ask(socketPath, 'DELETE', '/cartridges/gondor'), { status: 503, body: refused })
  const other = spawn(
    process.execPath,
    [flood, socketPath, '1', 'GET /cartridges HTTP/1.1\r\nHost: x\r\n\r\n'],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  t.teardown(() => other.kill('SIGKILL'))
  other.stdin.end('and what is the answer?')
  t.match(
    String((await other.stdout.toArray()).join('')),
    /200 OK[\s\S]*"gondor"/,
    'another program is answered',
  )
  stop.abort()
  resolve()
  const served = () => api.cartridges().catch(() => undefined)
  t.match(await until('it is answered again', served, { limitS: 60 }), [{ name: 'gondor' }])
})

t.test('a client that leaves during the events does not end the job', async (t) => {
  const { socketPath, service, api } = await startDaemon(t)
  const { promise, resolve } = Promise.withResolvers<void>()
  const { id } = service.jobs.start('test', 'Something long', async ({ say }) => {
    say('It goes on.')
    await promise
    return { answer: 42 }
  })
  await new Promise<void>((left) => {
    const asked = request({ socketPath, path: `/jobs/${id}/events`, agent: false }, (answer) => {
      answer.once('data', (piece) => {
        t.match(String(piece), /^data: \{.*\}\n\n$/)
        answer.destroy()
        left()
      })
    })
    asked.on('error', () => {})
    asked.end()
  })
  t.match(await api.job(id), { state: 'running', text: 'It goes on.' })
  const seen: string[] = []
  const followed = api.followJob(id, ({ text }) => seen.push(text))
  resolve()
  t.match(await followed, { state: 'done', progress: 1, result: { answer: 42 } })
  t.equal(seen.at(-1), 'Done.')
})

t.test('an aborted signal ends only the following', async (t) => {
  const { service, api } = await startDaemon(t)
  const { id } = service.jobs.start('test', 'Something long', ({ signal }) => once(signal, 'abort'))
  const stop = new AbortController()
  const followed = api.followJob(id, () => stop.abort(), stop.signal)
  await t.rejects(followed, { name: 'AbortError' })
  t.match(await api.job(id), { state: 'running' })
  await api.cancelJob(id)
  t.match(await api.followJob(id, () => {}), { state: /done|cancelled/ })
})

t.test(
  'started by a socket of systemd, it serves there and ends when nobody needs it',
  { skip },
  async (t) => {
    const tree = new Tree(t)
    tree.write('run/deskvisor/.keep', '')
    const path = tree.at('run/deskvisor/api.sock')
    const command = [process.execPath, activated, tree.root, '700']
    const daemon = spawn('systemd-socket-activate', ['-l', path, ...command], { stdio: 'ignore' })
    t.teardown(() => daemon.kill('SIGKILL'))
    await until('the socket is there', () => existsSync(path), { limitS: 60 })
    // As long as somebody is connected it is needed, however slow the machine is.
    const connected = connect(path)
    connected.on('error', () => {})
    const api = connectApi(tree.machine)
    await done(api, await api.createCartridge({ name: 'gondor', sizeBytes: 1024 * 1024 }))
    t.match(await api.cartridges(), [{ name: 'gondor' }])
    connected.destroy()
    t.same(await once(daemon, 'exit'), [0, null])
    t.ok(existsSync(path), 'the socket stays with systemd')
    t.match(await api.cartridges().catch((error) => error), { code: 'daemon-gone' })
  },
)

t.test('a user who may not open the socket is told so', { skip: notRoot }, async (t) => {
  const { socketPath, tree } = await startDaemon(t)
  chmodSync(tree.root, 0o755)
  chmodSync(socketPath, 0o600)
  process.seteuid?.(65534)
  try {
    await t.rejects(findCaller(tree.machine, false), { code: 'not-allowed', message: /Only root may/ })
  } finally {
    process.seteuid?.(0)
  }
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)))
  })
}
