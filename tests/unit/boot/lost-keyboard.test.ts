import t from 'tap'
import { keyboardWasLost, keysWait } from '../../../orchestrator/boot/lost-keyboard.ts'
import { readNextBoot, requestRecovery } from '../../../orchestrator/boot/next-boot.ts'
import { boot } from '../../../orchestrator/boot/sequence.ts'
import { readJson } from '../../../orchestrator/host/atomic.ts'
import { Tree } from '../fixtures/tree.ts'

/** A controller with these statuses, one for each byte that waits; nothing waits afterwards. */
function controller(...statuses: number[]): (port: number) => number {
  return (port) => {
    if (port === 0x64) return statuses[0] ?? 0x1c
    statuses.shift()
    return 0x42
  }
}

t.test('bytes of the keyboard that nobody reads tell of a held key', async (t) => {
  t.equal(keysWait(controller(0x1d)), true)
  t.equal(keysWait(controller(...Array(17).fill(0x1d))), true)
  t.equal(keysWait(controller(0x3d, 0x1d, 0x3d)), true)
})

t.test('they are read away', async (t) => {
  const read = controller(0x1d, 0x1d)
  keysWait(read)
  t.equal(keysWait(read), false)
})

t.test('nothing, a mouse, no controller and one that never ends are no key', async (t) => {
  t.equal(keysWait(controller()), false)
  t.equal(keysWait(controller(0x3d, 0x3d)), false)
  t.equal(
    keysWait(() => 0xff),
    false,
  )
  t.equal(
    keysWait(() => 0x7f & ~0x20),
    false,
  )
})

t.test(
  'the ports are left alone when the kernel has the controller, and cannot always be read',
  async (t) => {
    const tree = new Tree(t)
    t.equal(keyboardWasLost(tree.machine), false)
    tree.write('dev/port', Buffer.alloc(10))
    t.equal(keyboardWasLost(tree.machine), false)
    tree.write('sys/bus/platform/drivers/i8042/uevent', '')
    t.equal(keyboardWasLost(tree.machine), false)
  },
)

t.test('the boot after the restart shows the menu, and does not restart again', async (t) => {
  const tree = new Tree(t).withCartridge()
  requestRecovery(tree.machine, { code: 'keyboard-lost', text: 'A key was held.' })
  await boot(tree.machine)
  t.match(readJson(tree.at('run/deskvisor/intent.json')), {
    intent: 'recovery',
    reason: { code: 'keyboard-lost' },
  })
  t.equal(readNextBoot(tree.machine), null)
})
