import { chmodSync, readFileSync } from 'node:fs'
import t from 'tap'
import { runShell } from '../../../tui/terminal/shell.ts'
import { Tree } from '../fixtures/tree.ts'

const service = { DESKVISOR_SHELL: 'deskvisor-shell@tty1.service' }

t.test('a menu that may do little itself leaves the command line to its service', async (t) => {
  const tree = new Tree(t)
  systemctlDoes(t, tree, `echo "$@" >${tree.at('asked')}`)
  const said: string[] = []
  await runShell('/', (text) => said.push(text), service)
  t.equal(readFileSync(tree.at('asked'), 'utf8'), 'start deskvisor-shell@tty1.service\n')
  t.same(said, [], 'the service tells how to come back')
})

t.test('when there is none, the menu goes on and says why', async (t) => {
  systemctlDoes(t, new Tree(t), 'echo "Unit deskvisor-shell@tty1.service not found." >&2; exit 5')
  await t.rejects(
    runShell('/', () => {}, service),
    { message: 'The command line could not be opened: Unit deskvisor-shell@tty1.service not found.' },
  )
})

function systemctlDoes(t: { teardown(handler: () => void): unknown }, tree: Tree, script: string): void {
  chmodSync(tree.write('bin/systemctl', `#!/bin/sh\n${script}\n`), 0o755)
  const { PATH } = process.env
  process.env.PATH = `${tree.at('bin')}:${PATH}`
  t.teardown(() => {
    process.env.PATH = PATH
  })
}
