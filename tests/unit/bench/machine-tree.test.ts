import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'
import { MachineTree } from '../../bench/machine-tree.ts'
import { asOrdinaryUser } from '../fixtures/ordinary-user.ts'

/** What a start keeps where no file system makes snapshots: a copy that nobody may write to. */
function keepSnapshot(tree: MachineTree): void {
  const snapshot = join(tree.root, 'var/lib/deskvisor/cartridges/gondor/snapshots/2026-01-01T00:00:00Z-start')
  mkdirSync(join(snapshot, 'inside'), { recursive: true })
  for (const folder of [join(snapshot, 'inside'), snapshot, dirname(snapshot)]) chmodSync(folder, 0o555)
}

t.test('a recorded machine with a moment on it can be removed by somebody who is not root', async (t) => {
  const root = asOrdinaryUser(() => {
    using tree = new MachineTree()
    keepSnapshot(tree)
    return tree.root
  })
  t.notOk(existsSync(root), basename(root))
})
