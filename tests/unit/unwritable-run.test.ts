import { randomUUID } from 'node:crypto'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Jobs } from '../../orchestrator/api/jobs.ts'
import { oweDesktop } from '../../orchestrator/api/pending-desktop.ts'
import { deskvisor } from './fixtures/command-line.ts'
import { Tree } from './fixtures/tree.ts'

const nobody = 65534

/** Takes the folder of what is only for this boot away from whoever runs the test, with more records than are kept in it. */
function makeUnwritable(t: Test, tree: Tree): void {
  for (let count = 0; count < 60; count++) {
    const id = randomUUID()
    const at = '2026-11-20T21:05:03Z'
    const job = { id, kind: 'x', title: 'x', state: 'done', startedAt: at, endedAt: at }
    tree.write(`run/deskvisor/jobs/${id}.json`, JSON.stringify({ owner: {}, job }))
  }
  tree.write('run/deskvisor/owed-desktop.json', '{}')
  const folders = [tree.at('run/deskvisor/jobs'), tree.at('run/deskvisor')]
  for (const folder of folders) chmodSync(folder, 0o555)
  // For root every folder is writable.
  if (process.geteuid?.() === 0) {
    for (const path of ['.', ...readdirSync(tree.root, { recursive: true, encoding: 'utf8' })])
      if (!path.startsWith('run') && existsSync(tree.at(path))) chownSync(tree.at(path), nobody, nobody)
    process.setegid?.(nobody)
    process.seteuid?.(nobody)
  }
  t.teardown(() => {
    if (process.getuid?.() === 0) {
      process.seteuid?.(0)
      process.setegid?.(0)
    }
    for (const folder of folders) chmodSync(folder, 0o755)
  })
}

t.test('commands work although the folder for this boot cannot be written', async (t) => {
  const tree = new Tree(t).withCartridge()
  tree.write('new.raw', 'x'.repeat(4096))
  mkdirSync(tree.at('out'))
  makeUnwritable(t, tree)
  const commands = [
    ['status'],
    ['cartridge', 'list'],
    ['cartridge', 'export', 'gondor', tree.at('out/gondor.raw')],
    ['cartridge', 'import', tree.at('new.raw'), '--name', 'rohan'],
    ['cartridge', 'create', 'mordor', '--size', '1M'],
    ['cartridge', 'clone', 'gondor', 'gondor-test'],
    ['cartridge', 'rename', 'gondor-test', 'shire'],
    ['cartridge', 'note', 'shire', 'A note'],
    ['cartridge', 'grow', 'shire', '2M'],
    ['cartridge', 'insert', 'shire'],
    ['cartridge', 'delete', 'rohan'],
    ['cartridge', 'trash', '--empty'],
    ['snapshot', 'take'],
    ['snapshot', 'list'],
    ['snapshot', 'pin', 'latest'],
    ['rollback', 'latest'],
    ['undo'],
    ['snapshot', 'prune'],
    ['recovery', '--next-boot'],
  ]
  for (const words of commands) {
    const { status, stderr } = await deskvisor(...words, '--root', tree.root)
    t.equal(status, 0, `${words.join(' ')}: ${stderr}`)
  }
  t.ok(existsSync(tree.at('out/gondor.raw')))
})

t.test('a job without a record is known to its own process to the end', async (t) => {
  const tree = new Tree(t)
  makeUnwritable(t, tree)
  const jobs = new Jobs(tree.machine)
  const { id } = jobs.start('test', 'A job', async () => 42)
  t.equal(jobs.list()[0]?.id, id)
  await jobs.follow(id, () => {})
  t.match(jobs.get(id), { state: 'done', result: 42 })
  t.match(await jobs.follow(id, () => {}), { state: 'done', result: 42 })
  t.match(jobs.list()[0], { id, state: 'done' })
})

t.test('the note of an owed desktop that cannot be removed does not fail the work', async (t) => {
  const tree = new Tree(t)
  makeUnwritable(t, tree)
  oweDesktop(tree.machine)()
  t.ok(existsSync(tree.at('run/deskvisor/owed-desktop.json')))
})
