import t from 'tap'
import { parseCommandLine } from '../../../orchestrator/commands/command-line.ts'
import { helpText } from '../../../orchestrator/commands/help.ts'
import { deskvisor } from '../fixtures/command-line.ts'
import { Tree } from '../fixtures/tree.ts'

t.test('a disk for data is given, made larger, listed and removed', async (t) => {
  const tree = new Tree(t).withCartridge()
  const steps: [string[], { status: number; stdout?: RegExp; stderr?: RegExp }][] = [
    [['data', 'gondor', '--remove'], { status: 2, stderr: /gondor has no disk for data\./ }],
    [['data', 'gondor', '8M'], { status: 0, stdout: /has a disk for data; it finds it at its next start/ }],
    [['data', 'gondor', '4M'], { status: 2, stderr: /can only be made larger/ }],
    [
      ['data', 'gondor', '16M', '--json'],
      { status: 0, stdout: /"sizeBytes": 16777216,\n {2}"created": false/ },
    ],
    [['list'], { status: 0, stdout: /^\* gondor.*, 16 MiB for data/ }],
    [['data', 'gondor', '--remove'], { status: 0, stdout: /has no disk for data any more/ }],
    [
      ['data', 'gondor'],
      { status: 2, stderr: /Something is missing; expected CARTRIDGE and either SIZE or --/ },
    ],
    [
      ['data', 'gondor', '8M', '--remove'],
      { status: 2, stderr: /"8M" does not fit; expected CARTRIDGE and/ },
    ],
    [['data', 'gondor', 'huge'], { status: 2, stderr: /"huge" is no size/ }],
  ]
  for (const [words, expected] of steps) {
    const ended = await deskvisor('cartridge', ...words, '--root', tree.root)
    t.match(ended, expected, words.join(' '))
  }
})

t.test('its help says what may follow', async (t) => {
  t.throws(() => parseCommandLine(['cartridge', 'data', '--remove']), { code: 'bad-usage', exitCode: 2 })
  const line = parseCommandLine(['cartridge', 'data', '--help'])
  const text = line.kind === 'help' ? helpText(line.about) : ''
  t.match(text, /Usage: deskvisor cartridge data CARTRIDGE \[SIZE\]/)
  t.match(text, /--remove +Remove the disk for data and what is on it, for ever/)
  t.notMatch(text, /SIZE .*the inserted one/)
})
