import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { duplexPair, PassThrough } from 'node:stream'
import t from 'tap'
import { startQemu } from '../../scenarios/start/qemu.ts'
import { joinTerminal } from '../../scenarios/start/terminal.ts'
import { screenNews } from '../../scenarios/start/watch.ts'
import { Tree } from '../fixtures/tree.ts'

/** A person's terminal beside a PC's serial line; `pc` is the PC's end of it. */
function terminals() {
  const outer = { stdin: new PassThrough(), stdout: new PassThrough() }
  const [line, pc] = duplexPair()
  const over = new AbortController()
  const joined = joinTerminal(line, { isDrawn: false, signal: over.signal }, outer)
  return { ...outer, pc, joined }
}

t.test('a terminal that is made larger has the menu in it ask for its size', async (t) => {
  const { stdin, stdout, pc, joined } = terminals()
  stdout.emit('resize')
  const [sent] = await once(pc, 'data')
  t.equal(sent.toString(), '\x0c')
  stdin.write('\x01x')
  t.equal(await joined, true)
  stdout.emit('resize')
  t.equal(pc.read(), null, 'not once it has been left')
})

t.test('whoever leaves has a prompt below all that was on the screen, in its own colours', async (t) => {
  const { stdin, stdout, joined } = terminals()
  stdin.write('\x01x')
  await joined
  const said: string = stdout.read().toString()
  for (const part of ['\x1b[0m', '\x1b[?25h']) t.ok(said.includes(part), JSON.stringify(part))
  t.ok(said.endsWith('\x1b[999;1H\r\n'), JSON.stringify(said))
})

t.test('the terminal says where the desktop is when the menu has left it', async (t) => {
  const news = screenNews('after-menu')
  const look = (text: string) => news({ text, blank: text === '' })
  t.equal(look('Starting Linux'), null, 'before the menu it is on the serial line as well')
  t.equal(look(' Deskvisor recovery   0.1.0\n\n Start the desktop'), null)
  t.equal(look(' Deskvisor recovery: Help'), null)
  t.match(look(''), /desktop is on .*own screen .*--window.*\n\(nothing\)/)
  t.equal(look('\n\nDESKVISOR TEST GUEST boot 1\n\n'), 'On the screen now:\nDESKVISOR TEST GUEST boot 1')
  t.equal(look('DESKVISOR TEST GUEST boot 1'), null, 'once')
  const always = screenNews('always')
  t.equal(always({ text: 'Starting Linux', blank: false }), 'On the screen now:\nStarting Linux')
})

t.test('when QEMU ends at once, its own words say why, not the socket that it closed', async (t) => {
  const tree = new Tree(t)
  const at = (name: string) => join(tree.root, name)
  const program = tree.write(
    'qemu',
    `#!${process.execPath}
    require('node:net').createServer((connection) => {
      process.stderr.write('qemu: warning: old\\ngtk initialization failed\\n')
      connection.destroy()
      setTimeout(() => process.exit(1), 200)
    }).listen('${at('qmp')}')
    for (const name of ['ttyS0', 'ttyS1']) require('node:net').createServer(() => {}).listen('${tree.root}/' + name)`,
  )
  chmodSync(program, 0o755)
  const files = { qmp: at('qmp'), testPort: at('ttyS1'), uefiVars: '' }
  const composed = { files, args: [], environment: {}, serial: at('ttyS0'), folder: tree.root }
  await t.rejects(startQemu(composed as unknown as Parameters<typeof startQemu>[0], undefined, program), {
    message: 'QEMU ended at once: gtk initialization failed',
  })
})
