import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { carryOut, serviceAt } from '../../../orchestrator/api/call.ts'
import { connectApi } from '../../../orchestrator/api/connect.ts'
import type { JobInfo } from '../../../orchestrator/api/contract.ts'
import { Jobs } from '../../../orchestrator/api/jobs.ts'
import { Queue } from '../../../orchestrator/api/queue.ts'
import { changeAsJob } from '../../../orchestrator/api/turns.ts'
import { createCartridge } from '../../../orchestrator/cartridges/index.ts'
import { DeskvisorError } from '../../../orchestrator/host/errors.ts'
import { hostileFiles, Tree } from '../fixtures/tree.ts'

const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
const record = (owner: unknown, job: object = {}) =>
  JSON.stringify({
    owner,
    job: {
      id,
      kind: 'test',
      title: 'A job',
      state: 'running',
      text: '',
      startedAt: '2026-11-20T21:05:03.000Z',
      ...job,
    },
  })

t.test('a job tells how it goes, and what it gave', async (t) => {
  const jobs = new Jobs(new Tree(t).machine)
  const accepted = jobs.start('test', 'A job', async ({ say, progress }) => {
    say('Half of it.')
    progress(5, 10)
    await sleep(10)
    return { answer: 42 }
  })
  t.match(accepted, { state: 'running', progress: null, endedAt: null, error: null })
  const seen: (number | null)[] = []
  const ended = await jobs.follow(accepted.id, ({ progress }) => seen.push(progress))
  t.match(ended, { state: 'done', progress: 1, result: { answer: 42 }, endedAt: /^\d{4}-/ })
  t.ok(seen.includes(0.5))
  t.same(jobs.get(accepted.id), ended, 'it is remembered')
  t.equal(jobs.busy, false)
})

t.test('a job that fails says why, with code and hint', async (t) => {
  const jobs = new Jobs(new Tree(t).machine)
  const failing = async (error: unknown) => {
    const { id } = jobs.start('test', 'A job', () => Promise.reject(error))
    return jobs.follow(id, () => {})
  }
  t.match(await failing(new DeskvisorError('bad-name', 'No.', { hint: 'Try.', exitCode: 2 })), {
    state: 'failed',
    error: { code: 'bad-name', message: 'No.', hint: 'Try.', wrongInput: true },
  })
  const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
  t.match(await failing(full), { error: { code: 'no-space', message: /is full/ } })
  const errno = (code: string) => Object.assign(new Error(`${code}: words, open '/x'`), { code })
  t.match(await failing(errno('EIO')), { error: { code: 'disk-error', message: /EIO: words/, hint: /copy/ } })
  t.match(await failing(errno('EROFS')), { error: { code: 'read-only', hint: /Restart/ } })
  t.match(await failing(errno('EMFILE')), { error: { code: 'no-resources', hint: /try again/ } })
  t.match(await failing(errno('ELOOP')), {
    error: { code: 'system-error', message: "The system refused something: ELOOP: words, open '/x'." },
  })
  const ofRmSync = new Error(", Unknown error: Device or resource busy '/x'")
  t.match(await failing(ofRmSync), {
    error: { code: 'system-error', message: "The system refused something: Device or resource busy '/x'." },
  })
  t.match(await failing(new TypeError('x')), { error: { code: 'internal', message: /unexpected/ } })
  t.match(await failing('\u001b[2Jwhat'), { error: { code: 'internal', message: /\[2Jwhat/ } })
  t.notMatch((await failing('\u001b[2Jwhat')).error?.message ?? '', /\p{C}/u)
})

t.test('a cancelled job ends when it has put everything back', async (t) => {
  const jobs = new Jobs(new Tree(t).machine)
  let back = false
  const { id } = jobs.start('test', 'A job', async ({ signal, say }) => {
    await once(signal, 'abort')
    say('This is not heard any more.')
    await sleep(20)
    back = true
    signal.throwIfAborted()
  })
  await sleep(10)
  t.match(jobs.cancel(id), { state: 'running', text: 'It is being cancelled.' })
  t.match(await jobs.follow(id, () => {}), { state: 'cancelled', error: null })
  t.equal(back, true)
  t.match(jobs.cancel(id), { state: 'cancelled' }, 'a second time changes nothing')
})

t.test('other processes read about a job in its record', async (t) => {
  const tree = new Tree(t)
  const [here, elsewhere] = [new Jobs(tree.machine), new Jobs(tree.machine)]
  const { promise, resolve } = Promise.withResolvers<void>()
  const { id } = here.start('test', 'A job', () => promise)
  t.match(elsewhere.get(id), { title: 'A job', state: 'running' })
  t.throws(() => elsewhere.cancel(id), { code: 'job-elsewhere' })
  const followed = elsewhere.follow(id, () => {})
  resolve()
  t.match(await followed, { state: 'done' })
  t.match(elsewhere.list(), [{ id, state: 'done' }])
})

t.test('a job whose process is gone has failed', async (t) => {
  const tree = new Tree(t)
  const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const owners: [string, unknown, string][] = [
    ['no such process', { pid: 2 ** 30, started: '1' }, 'failed'],
    ['another process with the same number', { pid: process.pid, started: '1' }, 'failed'],
    ['garbage', { pid: '../self', started: '' }, 'failed'],
    ['this process', { pid: process.pid, started }, 'running'],
  ]
  for (const [what, owner, state] of owners) {
    tree.write(`run/deskvisor/jobs/${id}.json`, record(owner))
    t.match(
      new Jobs(tree.machine).get(id),
      { state, ...(state === 'failed' ? { error: { code: 'interrupted' } } : {}) },
      what,
    )
  }
})

for (const [what, make] of Object.entries(hostileFiles)) {
  t.test(`a record that is ${what} is no job`, async (t) => {
    const tree = new Tree(t)
    make(tree.write(`run/deskvisor/jobs/${id}.json`, record({})))
    const jobs = new Jobs(tree.machine)
    t.same(jobs.list(), [])
    t.throws(() => jobs.get(id), { code: 'no-such-job', exitCode: 2 })
  })
}

t.test('names that are no id reach no file', async (t) => {
  const tree = new Tree(t)
  tree.write('run/deskvisor/evil.json', record({}))
  for (const name of ['../evil', '..', '', `${id}/../${id}`])
    t.throws(() => new Jobs(tree.machine).get(name), { code: 'no-such-job' })
})

t.test('only the newest fifty ended jobs are remembered', async (t) => {
  const tree = new Tree(t)
  for (let count = 0; count < 70; count++) {
    const name = id.replace(/^.{4}/, String(count).padStart(4, '0'))
    const startedAt = new Date(1_700_000_000_000 + count * 1000).toISOString()
    tree.write(`run/deskvisor/jobs/${name}.json`, record({}, { state: 'done', startedAt }))
  }
  const jobs = new Jobs(tree.machine)
  jobs.start('test', 'One more', async () => {})
  await jobs.endAll()
  const left = jobs.list()
  t.equal(left.length, 51)
  t.equal(left.at(-1)?.id.slice(0, 4), '0020')
})

t.test('a full or missing /run does not stop the work', async (t) => {
  const tree = new Tree(t)
  tree.write('run/deskvisor', 'not a folder')
  const jobs = new Jobs(tree.machine)
  const { id } = jobs.start('test', 'A job', async () => sleep(10))
  t.match(await jobs.follow(id, () => {}), { state: 'done' })
})

t.test('work on one cartridge is done one after the other, on two at the same time', async (t) => {
  const queue = new Queue()
  const order: string[] = []
  const work = (name: string, ms: number) => async () => {
    order.push(`${name} begins`)
    await sleep(ms)
    order.push(`${name} ends`)
  }
  const failing = queue.run('gondor', () => Promise.reject(new Error('no')))
  await Promise.all([
    t.rejects(failing, /no/),
    queue.run('gondor', work('first', 30)),
    queue.run('gondor', work('second', 1)),
    queue.run('rohan', work('other', 1)),
  ])
  t.same(order, ['other begins', 'first begins', 'other ends', 'first ends', 'second begins', 'second ends'])
})

t.test('a copy takes its turn at the original, too', async (t) => {
  const service = serviceAt(new Tree(t).machine, { daemon: true })
  await createCartridge({ machine: service.machine, name: 'rohan', sizeBytes: 1_048_576 })
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  const order: string[] = []
  const going = changeAsJob(service, 'test', 'Rohan', 'Going back', async () => {
    await over
    order.push('going back')
  })
  const copy = (await carryOut(service, 'cloneCartridge', {
    cartridge: 'rohan',
    newName: 'arnor',
  })) as JobInfo
  const copied = service.jobs.follow(copy.id, () => {}).then((job) => order.push(`copy ${job.state}`))
  const after = changeAsJob(service, 'test', 'rohan', 'An hourly moment', async () => order.push('hourly'))
  await sleep(50)
  t.same(order, [])
  end()
  await Promise.all([copied, ...[going, after].map(({ id }) => service.jobs.follow(id, () => {}))])
  t.same(order.toSorted(), ['copy done', 'going back', 'hourly'])
  t.equal(order[0], 'going back')
})

t.test('jobs that need the same two never wait for each other', async (t) => {
  const service = serviceAt(new Tree(t).machine, { daemon: true })
  const jobs = [
    ['gondor', 'rohan'],
    ['rohan', 'gondor'],
    ['gondor', 'GONDOR'],
  ].map((names) => changeAsJob(service, 'test', names, 'Work', () => sleep(5)))
  for (const { id } of jobs) t.match(await service.jobs.follow(id, () => {}), { state: 'done' })
})

t.test('who loses patience gives its place up, and the next one still waits for the first', async (t) => {
  const queue = new Queue()
  const order: string[] = []
  const first = queue.run('gondor', () => sleep(50).then(() => order.push('first')))
  await t.rejects(
    queue.run('gondor', () => order.push('never'), AbortSignal.timeout(5)),
    { name: 'TimeoutError' },
  )
  await queue.run('gondor', () => order.push('third'))
  await first
  t.same(order, ['first', 'third'])
})

t.test('work of another program is listed, and can be followed to its end', async (t) => {
  const { machine } = new Tree(t)
  const { promise: over, resolve: end } = Promise.withResolvers<void>()
  const accepted = new Jobs(machine).start('test', 'Importing gondor', async ({ progress }) => {
    progress(43, 100)
    await over
  })
  await sleep(10)
  const api = connectApi(machine)
  t.match(await api.jobs(), [{ id: accepted.id, title: 'Importing gondor', state: 'running' }])
  const seen: string[] = []
  const followed = api.followJob(accepted.id, ({ state }) => {
    seen.push(state)
    end()
  })
  t.match(await followed, { state: 'done', progress: 1 })
  t.same(seen, ['running', 'done'])
})
