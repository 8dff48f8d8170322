import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { nameServers } from '../../../orchestrator/console/name-servers.ts'
import { Tree } from '../fixtures/tree.ts'

t.test('QEMU is shown where name servers will be, also before the network is seen to', async (t) => {
  const tree = new Tree(t)
  mkdirSync(tree.at('etc'), { recursive: true })
  t.equal(nameServers(tree.machine), null, 'nobody says where')
  symlinkSync('../run/systemd/resolve/stub-resolv.conf', tree.at('etc/resolv.conf'))
  t.equal(nameServers(tree.machine), '/run/systemd/resolve')
  t.ok(existsSync(tree.at('run/systemd/resolve')))
  t.equal(nameServers(tree.machine), '/run/systemd/resolve', 'it may be there already')
})

t.test('no other folder is shown for a link that leads elsewhere', async (t) => {
  for (const target of ['/var/lib/secret/resolv.conf', '/run/../var/resolv.conf', '/run/resolv.conf']) {
    const tree = new Tree(t)
    mkdirSync(tree.at('etc'), { recursive: true })
    symlinkSync(target, tree.at('etc/resolv.conf'))
    t.equal(nameServers(tree.machine), null, target)
  }
  const tree = new Tree(t)
  mkdirSync(tree.at('etc'), { recursive: true })
  writeFileSync(tree.at('etc/resolv.conf'), 'nameserver 192.0.2.1\n')
  t.equal(nameServers(tree.machine), null, 'an ordinary file is seen anyway')
})
