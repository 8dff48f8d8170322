import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { desktopCall } from '../../orchestrator/desktop-call.ts'

t.test('knows the calls on the way to the desktop, and no others', async (t) => {
  t.same(desktopCall(['boot']), { step: 'boot', root: '/' })
  t.same(desktopCall(['boot', '--relaunch']), { step: 'relaunch', root: '/' })
  t.same(desktopCall(['watchdog', '--root', '/mnt']), { step: 'watchdog', root: '/mnt' })
  t.same(desktopCall(['boot', '--relaunch', '--root', '/mnt']), { step: 'relaunch', root: '/mnt' })
  for (const others of [
    [],
    ['--root', '/mnt'],
    ['boot', '--help'],
    ['boot', 'now'],
    ['boot', '--root'],
    ['boot', '--root', 'mnt'],
    ['boot --relaunch', 'x'],
    ['status'],
    ['--root', '/mnt', 'boot'],
  ]) {
    t.equal(desktopCall(others), null, others.join(' '))
  }
})

const executable = join(import.meta.dirname, '../../dist/deskvisor')

t.test('the executable does both', { skip: !existsSync(executable) && 'npm run build first' }, async (t) => {
  const run = (...words: string[]) => spawnSync(executable, words, { encoding: 'utf8', env: {} })
  t.match(run('--version'), { status: 0, stdout: /^deskvisor \d/ })
  const nowhere = run('boot', '--root', '/nowhere')
  t.match(nowhere, { status: 2, stderr: /^deskvisor: --root \/nowhere is not there\.\n/ })
  t.match(run('boot', '--help'), { status: 0, stdout: /--relaunch/ })
})
