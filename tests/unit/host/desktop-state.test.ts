import t from 'tap'
import { type DesktopPhase, desktopState, unitsIn } from '../../../orchestrator/host/desktop-state.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { refusal } from '../../../orchestrator/snapshots/playing.ts'
import { Tree } from '../fixtures/tree.ts'

/** As systemctl(1) shows both units. */
const shown = (console: string, boot: string, job = '') =>
  [
    `Id=deskvisor-console.service\nActiveState=${console}\n`,
    `Id=deskvisor-boot.service\nActiveState=${boot}\n${job === '' ? '' : `Job=${job}\n`}`,
  ].join('\n')

const phases: [what: string, shown: string, DesktopPhase][] = [
  ['recovery', shown('inactive', 'inactive'), 'off'],
  ['a start that failed', shown('failed', 'failed'), 'off'],
  ['a start that systemd has accepted', shown('inactive', 'inactive', '1234'), 'changing'],
  ['a start before QEMU', shown('inactive', 'activating'), 'changing'],
  ['a QEMU that does not answer yet', shown('active', 'activating'), 'changing'],
  ['a desktop', shown('active', 'active'), 'running'],
  ['a desktop whose watchdog was sent away', shown('active', 'inactive'), 'running'],
  ['a guest that restarts, or ended', shown('inactive', 'active'), 'changing'],
  ['a QEMU on its way out', shown('deactivating', 'inactive'), 'changing'],
  ['no systemd', '', 'off'],
]
for (const [what, text, phase] of phases) {
  t.test(`${what}: ${phase}`, async (t) => t.equal(unitsIn(text).phase, phase))
}

t.test('what a console plays is known until QEMU has ended, and what it played after that', async (t) => {
  const tree = new Tree(t)
  const gondor = { name: 'gondor', state: '/states/0007' }
  tree.write('run/deskvisor/playing.json', JSON.stringify(gondor))
  const saying = (stdout: string) =>
    desktopState(machineAt(tree.root, { systemctl: async () => ({ status: 0, stdout, stderr: '' }) }))
  const active = shown('active', 'active')
  t.match(await saying(active), { isActive: true, hasEnded: false, lastPlayed: gondor, playing: gondor })
  const leaving = await saying(shown('deactivating', 'inactive'))
  t.match(leaving, { isActive: false, hasEnded: false, playing: gondor })
  const crashed = `${shown('failed', 'active')}`.replace('failed', 'failed\nResult=core-dump')
  t.match(await saying(crashed), { hasEnded: true, result: 'core-dump', lastPlayed: gondor, playing: null })
  t.match(await saying(''), { phase: 'off', isActive: false, hasEnded: false, playing: gondor })
  const elsewhere = await desktopState(tree.machine)
  t.match(elsewhere, { phase: 'off', isActive: false, hasEnded: true, lastPlayed: gondor, playing: null })
})

t.test('the state that a start is about to open is not taken away', async (t) => {
  const code = (phase: DesktopPhase, isPlayed: boolean, isInserted: boolean) =>
    refusal('gondor', phase, { isPlayed, isInserted })?.code
  t.equal(code('changing', false, true), 'busy')
  t.equal(code('changing', true, false), 'busy')
  t.equal(code('changing', false, false), undefined, 'another one starts')
  t.equal(code('running', true, true), 'in-use')
  t.equal(code('running', false, true), undefined, 'another state runs')
  t.equal(code('off', true, true), undefined)
})
