import t from 'tap'
import { carryOut, serviceAt } from '../../../orchestrator/api/call.ts'
import { daemonLog } from '../../../orchestrator/api/daemon-log.ts'
import { Tree } from '../fixtures/tree.ts'

/** A daemon's machine, and the entries that its journal gets. */
function daemonOf(tree: Tree) {
  const entries: string[] = []
  const log = daemonLog((entry) => void entries.push(entry.toString()))
  return { service: serviceAt(tree.machine, { daemon: true, log }), entries }
}

t.test('the journal tells what was done, to which operating system', async (t) => {
  const tree = new Tree(t).withCartridge()
  const { service: daemon, entries } = daemonOf(tree)
  await carryOut(daemon, 'describeCartridge', { cartridge: 'GONDOR', note: 'a\nnote' })
  t.equal(entries.length, 1)
  t.match(entries[0], /^MESSAGE=.+\.\nPRIORITY=6\nSYSLOG_IDENTIFIER=deskvisor\n/)
  t.match(entries[0], /^DESKVISOR_OPERATION=describeCartridge$/m)
  t.match(entries[0], /^DESKVISOR_CARTRIDGE=gondor$/m)
})

t.test('what is refused is told as an error, and what only looks is not told', async (t) => {
  const { service: daemon, entries } = daemonOf(new Tree(t).withCartridge())
  await carryOut(daemon, 'cartridges', {})
  t.same(entries, [])
  await t.rejects(carryOut(daemon, 'deleteSnapshot', { cartridge: 'gondor', snapshot: 'x' }))
  t.match(entries, [/PRIORITY=3/])
})

t.test('a job is found by its number from its beginning to its end', async (t) => {
  const { service: daemon, entries } = daemonOf(new Tree(t).withCartridge())
  const { id } = daemon.jobs.start('import', 'Importing gondor', async () => {
    throw new Error('The stick\u001b[2J was\npulled out')
  })
  await daemon.jobs.follow(id, () => {})
  t.match(entries, [new RegExp(`^MESSAGE=Importing gondor: .*pulled out.*[^]*DESKVISOR_JOB=${id}$`, 'm')])
  t.notMatch(entries.join(''), '\u001b')
})

t.test('a value cannot add fields of its own', async (t) => {
  const { service: daemon, entries } = daemonOf(new Tree(t))
  daemon.log?.info({ cartridge: 'x\nPRIORITY=0' }, 'y\nMESSAGE=z')
  t.equal(
    entries[0],
    'MESSAGE=y MESSAGE=z\nPRIORITY=6\nSYSLOG_IDENTIFIER=deskvisor\nDESKVISOR_CARTRIDGE=x PRIORITY=0\n',
  )
})
