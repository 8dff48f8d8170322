import { chmodSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import t, { type Test } from 'tap'
import { readStatus } from '../../../orchestrator/api/index.ts'
import { boot } from '../../../orchestrator/boot/sequence.ts'
import { fairSeconds } from '../../scenarios/fair-time.ts'
import { deskvisor } from '../fixtures/command-line.ts'
import { memoryFolder } from '../fixtures/memory-folder.ts'
import { everyHostileFile, Tree } from '../fixtures/tree.ts'

// Hundreds of small machines: where fsync costs nothing, they take seconds.
process.env.TMPDIR = memoryFolder

/** A decision takes milliseconds; ten seconds leave room for a machine that is busy with something else. */
const quickS = 10

/** A machine with every file that the decision reads, so that each can be replaced. */
function machine(test: ConstructorParameters<typeof Tree>[0]) {
  const tree = new Tree(test).withCartridge()
  tree.writeData('deskvisor.toml', '[boot]\nkey = "f8"\n')
  tree.writeData('boot/attempts', '0\n')
  tree.writeData('cartridges/gondor/data.raw', 'files')
  tree.write('proc/cmdline', 'quiet\n')
  tree.write('proc/meminfo', 'MemTotal:       16384000 kB\nMemAvailable:   15000000 kB\n')
  tree.write('run/deskvisor/boot-key.json', '{"pid":1,"keyboards":0,"firstKeyboardMs":null,"pressed":[]}')
  tree.write('run/deskvisor/plan.json', '{"kind":"none","reason":"x","devices":[]}')
  tree.write('run/deskvisor/bound.json', '{"devices":[]}')
  tree.write('run/deskvisor/watchdog.json', '{"starts":1}')
  tree.write('run/deskvisor/intent.json', '{}')
  return tree
}

/** What each file leads to: `either` where the content itself is not looked at, or not having it is fine. */
const files: Record<string, 'recovery' | 'either'> = {
  'var/lib/deskvisor': 'recovery',
  'var/lib/deskvisor/deskvisor.toml': 'either',
  'var/lib/deskvisor/console': 'recovery',
  'var/lib/deskvisor/console/cartridge': 'recovery',
  'var/lib/deskvisor/cartridges': 'recovery',
  'var/lib/deskvisor/cartridges/gondor': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/cartridge.json': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/present': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/states': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/states/0001': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/states/0001/disk.raw': 'either',
  'var/lib/deskvisor/cartridges/gondor/states/0001/uefi-vars.fd': 'either',
  'var/lib/deskvisor/cartridges/gondor/states/0001/state.json': 'recovery',
  'var/lib/deskvisor/cartridges/gondor/data.raw': 'either',
  'var/lib/deskvisor/boot': 'either',
  'var/lib/deskvisor/boot/next': 'recovery',
  'var/lib/deskvisor/boot/attempts': 'either',
  'run/deskvisor/boot-key.json': 'either',
  'run/deskvisor/start-desktop': 'either',
  'run/deskvisor/plan.json': 'either',
  'run/deskvisor/bound.json': 'either',
  'run/deskvisor/watchdog.json': 'either',
  'run/deskvisor/intent.json': 'either',
  'proc/cmdline': 'either',
  'proc/meminfo': 'either',
}

/** Everything on the data partition by inode number, without what was made for the test itself. */
function inodes(folder: string): number[] {
  const stats = lstatSync(folder, { throwIfNoEntry: false })
  if (!stats) return []
  if (!stats.isDirectory()) return [stats.ino]
  // What is closed to the program is not closed to the test.
  chmodSync(folder, 0o700)
  const inside = readdirSync(folder).flatMap((name) => inodes(join(folder, name)))
  chmodSync(folder, stats.mode & 0o7777)
  return [stats.ino, ...inside]
}

function expectSentence(t: Test, text: unknown) {
  t.match(text, /^[^\p{Cc}\p{Cs}]{8,500}[.?]$/u, 'one line, with an end')
  t.match(text, /^(?!.*(node:|\.ts:\d|TypeError|undefined|\[object))/u, 'no innards')
}

for (const [file, expected] of Object.entries(files)) {
  for (const [what, make] of Object.entries(everyHostileFile)) {
    if (what === 'missing' && /next$|start-desktop$/.test(file)) continue
    t.test(`${what} in place of ${file}`, async (t) => {
      const tree = machine(t)
      if (/next$|start-desktop$/.test(file)) tree.write(file, '')
      make(tree.at(file))
      const before = inodes(tree.data('.')).filter((inode) => !isCounter(tree, inode))
      const start = fairSeconds()
      const first = await readStatus(tree.machine)
      await boot(tree.machine)
      const status = await readStatus(tree.machine)
      t.ok(fairSeconds() - start < quickS, 'does not hang')
      JSON.stringify([first, status])
      if (status.intent === null) t.match(file, /intent\.json$/, 'only where it cannot be written')
      else {
        expectSentence(t, status.intent.reason.text)
        const tried = ['no-passthrough', 'start-failed'].includes(status.intent.reason.code)
        if (expected === 'recovery' && what !== 'unreadable') t.notOk(tried, 'recovery')
      }
      const after = new Set(inodes(tree.data('.')))
      t.same(
        before.filter((inode) => !after.has(inode)),
        [],
        'nothing was deleted',
      )
    })
  }
}

/** The counter of starts is replaced by the next number, as it should be; only one that is none is kept. */
function isCounter(tree: Tree, inode: number): boolean {
  try {
    const path = tree.data('boot/attempts')
    const stats = lstatSync(path)
    return stats.ino === inode && stats.isFile() && /^\d+\n$/.test(readFileSync(path, 'utf8'))
  } catch {
    return false
  }
}

t.test('on the command line it is one sentence, too, and no escape sequence', async (t) => {
  const tree = machine(t)
  for (const file of Object.keys(files).filter((name) => name.endsWith('.json') || name.endsWith('.toml')))
    tree.write(file, '{"title":"\u001b[2J\u009b5m","\u001b]0;x\u0007":\u202e')
  for (const words of [['boot'], ['status'], ['status', '--json'], ['cartridge', 'list'], ['doctor']]) {
    const { status, stdout, stderr } = await deskvisor(...words, '--root', tree.root)
    t.ok(status === 0 || words[0] === 'doctor', `${words.join(' ')}: ${stderr}`)
    t.equal(stripVTControlCharacters(stdout + stderr), stdout + stderr)
    t.notMatch(stdout + stderr, /[\u0080-\u009f\u202e]|\n {4}at /)
  }
  t.match(readFileSync(tree.at('run/deskvisor/intent.json'), 'utf8'), /"recovery"/)
})
