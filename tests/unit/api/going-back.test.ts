import t, { type Test } from 'tap'
import type { JobInfo } from '../../../orchestrator/api/index.ts'
import { withCartridgeLock } from '../../../orchestrator/cartridges/index.ts'
import { takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import { done, startDaemon } from '../fixtures/daemon.ts'
import { takeOut } from '../fixtures/remove-tree.ts'

/** A daemon whose desktop plays gondor, which has a snapshot; `did` says what happened to the desktop. */
async function desktop(t: Test) {
  const daemon = await startDaemon(t)
  daemon.tree.withCartridge()
  const did: string[] = []
  daemon.service.desktop = {
    settle: async () => {},
    playing: async () => ({ name: 'gondor', state: daemon.tree.data('cartridges/gondor/states/0001') }),
    end: async () => void did.push('end'),
    start: async () => void did.push('start'),
  }
  const taken = await takeSnapshot(daemon.tree.machine, 'gondor', { kind: 'manual' })
  const errorOf = async (accepted: Promise<JobInfo>) =>
    (await daemon.api.followJob((await accepted).id, () => {})).error
  return { ...daemon, did, snapshot: String(taken?.name), errorOf }
}

t.test('going back that works shuts the desktop down and starts it again', async (t) => {
  const { api, did, snapshot } = await desktop(t)
  await done(api, await api.rollBack('gondor', snapshot))
  t.same(did, ['end', 'start'])
  await done(api, await api.undo('gondor'))
  t.same(did, ['end', 'start', 'end', 'start'])
})

t.test('what cannot be done is said while the desktop runs on', async (t) => {
  const { api, did, snapshot, tree, errorOf } = await desktop(t)
  t.match(await errorOf(api.undo('gondor')), { code: 'nothing-to-undo' })
  t.match(await errorOf(api.rollBack('gondor', '2026-01-01T00:00:00Z-manual')), { code: 'no-such-snapshot' })
  t.match(await errorOf(api.switchTo('rohan')), { code: 'no-cartridge' })
  await withCartridgeLock(tree.machine, 'gondor', async () => {
    t.match(await errorOf(api.rollBack('gondor', snapshot)), { code: 'busy' })
  })
  takeOut(tree.data(`cartridges/gondor/snapshots/${snapshot}/uefi-vars.fd`))
  t.match(await errorOf(api.rollBack('gondor', snapshot)), { code: 'snapshot-damaged' })
  t.same(did, [])
})

t.test('a change that ends soon is waited for', async (t) => {
  const { api, tree, snapshot } = await desktop(t)
  const { promise: noted, resolve: note } = Promise.withResolvers<void>()
  const noting = withCartridgeLock(tree.machine, 'gondor', () => noted)
  const accepted = await api.rollBack('gondor', snapshot)
  setTimeout(note, 200)
  await done(api, accepted)
  await noting
})
