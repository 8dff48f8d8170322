import t from 'tap'
import { asNextSteps, hintOf, knownNextSteps, type Next } from '../../../orchestrator/host/next-step.ts'

const read = (next: Next) => hintOf(asNextSteps(next))

t.test('what to do next is told as sentences at a command line', async (t) => {
  t.equal(read([]), undefined)
  t.equal(read('Choose another name.'), 'Choose another name.')
  t.equal(
    read({ do: 'see', command: 'deskvisor cartridge list' }),
    'deskvisor cartridge list shows what there is.',
  )
  t.equal(
    read(['Name one.', { do: 'see', command: 'deskvisor cartridge list' }]),
    'Name one; deskvisor cartridge list shows what there is.',
    'no sentence begins with a small letter',
  )
  t.equal(
    read([
      { do: 'free-space' },
      { do: 'edit-config', text: 'Or lower {setting}.', setting: '[snapshots] $& x' },
    ]),
    'Delete moments or operating systems that nobody needs, then try again. Or lower [snapshots] $& x in deskvisor.toml.',
  )
  t.equal(read({ do: 'run', text: 'First: {command}.', command: 'deskvisor $1' }), 'First: deskvisor $1.')
})

t.test('of steps from another version those are kept that are understood', async (t) => {
  const known = [{ do: 'wait' }, { do: 'tell', text: 'Go.' }]
  const strange = [
    { do: 'fly' },
    { do: 'tell' },
    { do: 'tell', text: 7 },
    { do: 'constructor' },
    null,
    'Go.',
    [],
  ]
  t.same(knownNextSteps([...strange, ...known]), known)
  t.same(knownNextSteps('Go.'), [])
})
