import t, { type Test } from 'tap'
import { Check } from 'typebox/value'
import { connectApi } from '../../../orchestrator/api/connect.ts'
import { type Description, placeOf } from '../../../orchestrator/api/contract/operation.ts'
import { operations as described } from '../../../orchestrator/api/contract/operations.ts'
import type { Api } from '../../../orchestrator/api/index.ts'
import { openApiDocument } from '../../../orchestrator/api/openapi.generated.mjs'
import { done, startDaemon } from '../fixtures/daemon.ts'
import { Tree } from '../fixtures/tree.ts'

const operationTable: Record<string, Description> = described
const mebibyte = 1024 * 1024

/** What people do with operating systems and their snapshots, through any client. */
async function wholeStory(t: Test, api: Api, tree: Tree): Promise<void> {
  await done(api, await api.createCartridge({ name: 'gondor', title: 'Gondor', sizeBytes: mebibyte }))
  await api.insert('gondor')
  t.match(await api.cartridges(), [
    { name: 'gondor', title: 'Gondor', inserted: true, running: false, problem: null, diskBytes: mebibyte },
  ])

  await done(api, await api.takeSnapshot('gondor', { note: 'as new' }))
  const [first] = (await api.timeline('gondor')).snapshots
  t.match(first, { kind: 'manual', note: 'as new', consistency: 'offline', pinned: false })
  const kept = first?.name ?? ''
  await api.describeSnapshot('gondor', kept, { pinned: true, note: 'the good one' })
  t.match((await api.timeline('gondor')).snapshots[0], { pinned: true, note: 'the good one' })

  tree.writeData('cartridges/gondor/present/disk.raw', 'broken'.repeat(200_000))
  const back = await api.rollBack('gondor', kept)
  t.match(back, { title: `Taking gondor back to ${kept}`, snapshot: kept })
  t.equal((await done(api, back)).snapshot, kept)
  const after = await api.timeline('gondor')
  t.match(after.snapshots[0], { kind: 'before-rollback' })
  t.equal(after.undo, after.snapshots[0]?.name)
  await done(api, await api.undo('gondor'))

  await api.trySnapshot('gondor', kept)
  t.match((await api.timeline('gondor')).trying, { snapshot: kept, phase: 'armed' })
  await t.rejects(api.deleteSnapshot('gondor', kept), {
    code: 'being-tried',
    next: [{ do: 'decide-try' }],
    hint: 'Keep it or drop it first (deskvisor keep, deskvisor drop).',
    snapshot: kept,
  })
  await api.dropTry('gondor')
  t.equal((await api.timeline('gondor')).trying, null)

  await api.describeCartridge('gondor', { note: 'with printer', golden: kept, reset: true, freeze: false })
  t.match((await api.cartridges())[0], { note: 'with printer', golden: true, reset: true })
  await api.describeCartridge('gondor', { golden: null, reset: false })
  t.match((await api.cartridges())[0], { golden: false, reset: false })
  t.ok((await api.retentionPlan('gondor')).keep.some(({ name }) => name === kept))
  await done(api, await api.prune('gondor'))

  await done(api, await api.cloneCartridge({ cartridge: 'gondor', newName: 'copy', snapshot: kept }))
  await api.growDisk('copy', 2 * mebibyte)
  t.same(await api.setDataDisk('copy', mebibyte), { created: true })
  t.same(await api.setDataDisk('copy', 2 * mebibyte), { created: false })
  t.match((await api.cartridges())[0], { name: 'copy', dataBytes: 2 * mebibyte })
  await t.rejects(api.setDataDisk('copy', mebibyte), { code: 'bad-size' })
  await api.removeDataDisk('copy')
  await t.rejects(api.removeDataDisk('copy'), { code: 'no-data-disk' })
  await api.renameCartridge('copy', 'rohan')
  t.match((await api.cartridges())[1], { name: 'rohan', diskBytes: 2 * mebibyte })
  const { trash } = await api.deleteCartridge('rohan')
  t.match(await api.trash(), [{ entry: trash, name: 'rohan' }])
  await api.restoreCartridge(trash)
  await api.deleteCartridge('rohan')
  await api.emptyTrash()
  t.same(await api.trash(), [])

  const file = tree.at('out.raw')
  // What is exported of a snapshot that is a copy has its mode, and only root writes to what nobody may.
  const snapshot = process.getuid?.() === 0 ? { snapshot: kept } : {}
  await done(api, await api.exportCartridge({ cartridge: 'gondor', file, ...snapshot }))
  await done(api, await api.importCartridge({ file, name: 'again' }))
  await api.describeSnapshot('gondor', kept, { pinned: false })
  await api.deleteSnapshot('gondor', kept)
  t.notOk((await api.timeline('gondor')).snapshots.some(({ name }) => name === kept))
  t.same(await api.importSources(), [])
  const jobs = await api.jobs()
  t.ok(jobs.length >= 7)
  t.ok(jobs.every(({ state, endedAt }) => state === 'done' && endedAt !== null))
}

t.test('without a daemon, this process does the work', async (t) => {
  const tree = new Tree(t)
  await wholeStory(t, connectApi(tree.machine), tree)
})

t.test('with a daemon, the same through its socket', async (t) => {
  const { api, tree, service } = await startDaemon(t)
  await wholeStory(t, api, tree)
  t.ok(service.jobs.list().length >= 7, 'the daemon did the work')
})

t.test('answers are what the schemas promise', async (t) => {
  const tree = new Tree(t).withCartridge()
  const api = connectApi(tree.machine)
  const job = await api.takeSnapshot('gondor', {})
  await done(api, job)
  const answers: [string, unknown][] = [
    ['status', await api.status()],
    ['cartridges', await api.cartridges()],
    ['timeline', await api.timeline('gondor')],
    ['retentionPlan', await api.retentionPlan('gondor')],
    ['job', await api.job(job.id)],
    ['jobs', await api.jobs()],
    ['takeSnapshot', job],
    ['trash', await api.trash()],
  ]
  for (const [name, answer] of answers) {
    const described = Object.entries(operationTable).find(([known]) => known === name)?.[1]
    t.ok(described && Check(described.gives, answer), name)
  }
})

const wrong: [string, (api: Api) => Promise<unknown>, RegExp][] = [
  [
    'a path as a name',
    (api) => api.timeline('../../etc'),
    /cartridge is "..\/..\/etc"; expected the name of/,
  ],
  ['a hidden name', (api) => api.timeline('.trash-gondor'), /expected the name of an operating system/],
  ['no name', (api) => api.insert(''), /cartridge is ""; expected/],
  ['a number as a name', (api) => api.insert(7 as never), /expected the name of an operating system/],
  ['nothing as a name', (api) => api.insert(undefined as never), /cartridge is missing|cartridge is "/],
  [
    'a path as a moment',
    (api) => api.rollBack('gondor', '../present'),
    /snapshot is .*; expected the name of a/,
  ],
  [
    'a relative file',
    (api) => api.importCartridge({ file: 'disk.raw', name: 'x' }),
    /file is "disk.raw"; expected the absolute path/,
  ],
  [
    'a size of nothing',
    (api) => api.createCartridge({ name: 'x', sizeBytes: 0 }),
    /sizeBytes is 0; expected a whole number of bytes from/,
  ],
  [
    'a kind that there is not',
    (api) => api.takeSnapshot('gondor', { kind: 'weekly' as never }),
    /kind is "weekly"; expected one of boot, hourly/,
  ],
  [
    'a word that is not known',
    (api) => api.rollBack('gondor', 'x', { forse: true } as never),
    /"forse" is not known; did you mean force\?/,
  ],
  [
    'a job that there is not',
    (api) => api.job('0f8fad5b-d9cb-469f-a165-70867728950e'),
    /There is no such job/,
  ],
  ['an operating system that there is not', (api) => api.timeline('mordor'), /mordor/],
]
for (const [what, call, message] of wrong) {
  t.test(`${what} is refused with a sentence, by the daemon as by this process`, async (t) => {
    const { api, tree } = await startDaemon(t)
    tree.withCartridge()
    for (const client of [api, connectApi(tree.machine, { ownWork: true })]) {
      await t.rejects(call(client), { name: 'DeskvisorError', message })
    }
  })
}

t.test('the table is whole: every argument and every part of a path is described', async (t) => {
  const routes = new Set<string>()
  for (const [name, described] of Object.entries(operationTable)) {
    const { method, path, takes } = described
    t.notOk(routes.has(`${method} ${path}`), `${name} has a route of its own`)
    routes.add(`${method} ${path}`)
    const inputs = Object.keys(takes.properties)
    for (const [, part = ''] of path.matchAll(/:(\w+)/g)) t.ok(inputs.includes(part), `${name}: ${part}`)
    const named = described.arguments.filter((argument) => argument !== '*')
    t.same(
      named.filter((argument) => !inputs.includes(argument)),
      [],
      name,
    )
    if (!described.arguments.includes('*')) t.same([...named].sort(), [...inputs].sort(), name)
    if (method === 'GET') t.notOk(inputs.some((input) => placeOf(described, input) === 'body'))
  }
})

t.test('the OpenAPI document describes every operation', async (t) => {
  const document = JSON.parse(JSON.stringify(openApiDocument))
  t.equal(document.openapi, '3.1.0')
  const operations = Object.entries<Record<string, OpenApiOperation>>(document.paths).flatMap(
    ([path, methods]) => Object.values(methods).map((operation) => ({ path, ...operation })),
  )
  const ids = operations.map(({ operationId }) => operationId)
  t.same(ids.sort(), [...Object.keys(operationTable), 'followJob'].sort())
  for (const { path, operationId, parameters = [] } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    const described = parameters.filter(({ in: place }) => place === 'path').map(({ name }) => name)
    t.same(described.sort(), named.sort(), operationId)
  }
})

type OpenApiOperation = { operationId: string; parameters?: { name: string; in: string }[] }
