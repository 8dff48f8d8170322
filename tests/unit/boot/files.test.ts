import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { clearAttempts, countAttempt, readAttempts } from '../../../orchestrator/boot/attempts.ts'
import { pressedBootKey, readBootKey } from '../../../orchestrator/boot/boot-key.ts'
import { consumeNextBoot, readNextBoot, requestRecovery } from '../../../orchestrator/boot/next-boot.ts'
import { boot, relaunch } from '../../../orchestrator/boot/sequence.ts'
import { machineAt } from '../../../orchestrator/host/machine.ts'
import { heldClock } from '../fixtures/clock.ts'
import { hostileFiles, Tree } from '../fixtures/tree.ts'

/** What a machine needs so that a desktop can be planned. */
function withEmulatedDesktop(tree: Tree): void {
  tree.write('dev/kvm', '')
  tree.write('proc/meminfo', 'MemTotal: 8000000 kB\n')
  tree.writeData('deskvisor.toml', '[console]\nwithout_gpu = "emulated"\n')
}

const intentOf = (tree: Tree) => JSON.parse(readFileSync(tree.at('run/deskvisor/intent.json'), 'utf8'))

t.test('the one-shot flag counts once', async (t) => {
  const { machine } = new Tree(t)
  t.equal(readNextBoot(machine), null)
  requestRecovery(machine, { code: 'crash-loop', text: 'It crashed.' })
  t.same(readNextBoot(machine), { code: 'crash-loop', text: 'It crashed.' })
  consumeNextBoot(machine)
  t.equal(readNextBoot(machine), null)
})

t.test('a reason from a file cannot steer the terminal', async (t) => {
  const tree = new Tree(t)
  tree.writeData('boot/next', '{"intent":"recovery","reason":"hello\\u001b[2Jthere"}')
  t.same(readNextBoot(tree.machine), { code: 'next-boot', text: 'hello [2Jthere' })
})

for (const [what, make] of Object.entries(hostileFiles)) {
  if (what === 'missing') continue
  t.test(`${what} in place of boot/next opens the menu once and is kept`, async (t) => {
    const tree = new Tree(t).withCartridge()
    make(tree.writeData('boot/next', ''))
    await boot(tree.machine)
    t.match(intentOf(tree), { intent: 'recovery', reason: { code: 'next-boot', text: /boot\/next/ } })
    t.equal(readNextBoot(tree.machine), null, 'the next boot is free of it')
    t.same(readdirSync(tree.data('boot')), ['next.unreadable-1'], 'nothing was deleted')
  })

  t.test(`${what} in place of boot/attempts opens the menu, and counting begins anew`, async (t) => {
    const tree = new Tree(t).withCartridge()
    make(tree.writeData('boot/attempts', ''))
    await boot(tree.machine)
    t.match(intentOf(tree), { intent: 'recovery', reason: { code: 'failed-starts' } })
    countAttempt(tree.machine)
    t.equal(readAttempts(tree.machine), 1)
    t.ok(lstatSync('/etc/passwd').size > 10, 'a linked file is untouched')
  })
}

t.test('starts are counted until the console is healthy', async (t) => {
  const { machine } = new Tree(t)
  t.equal(readAttempts(machine), 0)
  countAttempt(machine)
  countAttempt(machine)
  t.equal(readAttempts(machine), 2)
  clearAttempts(machine)
  t.equal(readAttempts(machine), 0)
})

t.test('without a keyboard the boot does not wait', async (t) => {
  const tree = new Tree(t)
  tree.write('run/deskvisor/boot-key.json', '{"pid":1,"keyboards":0,"firstKeyboardMs":null,"pressed":[]}')
  t.same(await pressedBootKey(tree.machine, 'f8'), { pressed: null, waitedMs: 0 })
})

t.test('waits until 100 ms after the first keyboard, and not longer', async (t) => {
  const tree = new Tree(t)
  const { clock } = heldClock(5000)
  const sample = { pid: 1, keyboards: 1, firstKeyboardMs: 4960, pressed: [] }
  tree.write('run/deskvisor/boot-key.json', JSON.stringify(sample))
  const machine = machineAt(tree.root, { clock })
  t.same(await pressedBootKey(machine, 'f8'), { pressed: null, waitedMs: 60 })
  t.equal(clock.monotonicMs(), 5060)
})

t.test('a key that shows itself during the wait counts', async (t) => {
  const tree = new Tree(t)
  const { clock } = heldClock(5000)
  const sample = { pid: 1, keyboards: 1, firstKeyboardMs: 5000, pressed: [] as unknown[] }
  tree.write('run/deskvisor/boot-key.json', JSON.stringify(sample))
  sample.pressed.push({ key: 'f8', device: 'AT Keyboard', ms: 1 })
  clock.after(30, () => tree.write('run/deskvisor/boot-key.json', JSON.stringify(sample)))
  const { pressed } = await pressedBootKey(machineAt(tree.root, { clock }), 'f8')
  t.same(pressed, { key: 'F8', device: 'AT Keyboard' })
})

t.test('another key than the configured one does not count', async (t) => {
  const tree = new Tree(t)
  const pressed = [{ key: 'f9', device: 'AT Keyboard', ms: 1 }]
  tree.write('run/deskvisor/boot-key.json', JSON.stringify({ keyboards: 1, firstKeyboardMs: 1, pressed }))
  t.equal((await pressedBootKey(tree.machine, 'f8')).pressed, null)
  t.same((await pressedBootKey(tree.machine, 'f9')).pressed, { key: 'F9', device: 'AT Keyboard' })
})

t.test('a sampler record of the wrong shape is no key', async (t) => {
  const tree = new Tree(t)
  for (const text of [
    'null',
    '[]',
    '3',
    '{"pressed":[null,3,{"key":8}],"pid":-4,"firstKeyboardMs":"x"}',
    '{',
  ]) {
    tree.write('run/deskvisor/boot-key.json', text)
    t.equal((await pressedBootKey(tree.machine, 'f8')).pressed, null, text)
    t.equal(readBootKey(tree.machine)?.pid ?? null, null)
  }
})

t.test('boot writes the decision where the menu finds it', async (t) => {
  const tree = new Tree(t)
  await boot(tree.machine)
  t.match(intentOf(tree), {
    intent: 'recovery',
    reason: { code: 'no-cartridge', text: /No operating system/ },
  })
})

t.test('the kernel argument counts as a word, not as a part of one', async (t) => {
  const tree = new Tree(t)
  tree.write('proc/cmdline', 'quiet not.deskvisor.recovery\n')
  await boot(tree.machine)
  t.equal(intentOf(tree).reason.code, 'no-cartridge')
  tree.write('proc/cmdline', 'quiet deskvisor.recovery rw\n')
  await boot(tree.machine)
  t.equal(intentOf(tree).reason.code, 'kernel-argument')
})

t.test('a broken configuration opens the menu with file and line', async (t) => {
  const tree = new Tree(t).withCartridge()
  tree.writeData('deskvisor.toml', '[boot]\nkey = "f99"\n')
  await boot(tree.machine)
  t.match(intentOf(tree).reason, { code: 'invalid-config', text: /deskvisor\.toml line 2: boot\.key/ })
})

t.test('a missing data folder opens the menu and is not made', async (t) => {
  const elsewhere = new Tree(t).at('nothing-here')
  mkdirSync(elsewhere)
  await boot(machineAt(elsewhere))
  const intent = JSON.parse(readFileSync(`${elsewhere}/run/deskvisor/intent.json`, 'utf8'))
  t.match(intent.reason, { code: 'data-unavailable', text: /deskvisor is missing\.$/ })
  t.notOk(existsSync(`${elsewhere}/var`))
})

t.test('the wish for the desktop counts once', async (t) => {
  const tree = new Tree(t)
  tree.write('proc/cmdline', 'deskvisor.recovery')
  tree.write('run/deskvisor/start-desktop', '')
  await boot(tree.machine)
  t.equal(intentOf(tree).reason.code, 'no-cartridge', 'the argument was answered, the missing cartridge not')
  await boot(tree.machine)
  t.equal(intentOf(tree).reason.code, 'kernel-argument')
})

t.test('a key pressed while the guest restarts sends the machine to recovery', async (t) => {
  const tree = new Tree(t).withCartridge()
  const pressed = [{ key: 'f8', device: 'USB Keyboard', ms: 1 }]
  const { clock } = heldClock(5000)
  const sample = JSON.stringify({ pid: 2, keyboards: 1, firstKeyboardMs: 1, pressed })
  clock.after(100, () => tree.write('run/deskvisor/boot-key.json', sample))
  await relaunch(machineAt(tree.root, { clock }))
  t.same(readNextBoot(tree.machine), { code: 'boot-key', text: 'F8 was pressed on USB Keyboard.' })
})

t.test('what was pressed before the guest restarted does not count again', async (t) => {
  const tree = new Tree(t)
  const pressed = [{ key: 'f8', device: 'USB Keyboard', ms: 1 }]
  tree.write(
    'run/deskvisor/boot-key.json',
    JSON.stringify({ pid: 2, keyboards: 1, firstKeyboardMs: 1, pressed }),
  )
  await relaunch(machineAt(tree.root, { clock: heldClock(5000).clock }))
  t.equal(readNextBoot(tree.machine)?.code, 'no-cartridge', 'the next reason counts')
})

for (const [what, make] of Object.entries(hostileFiles)) {
  t.test(`${what} in place of the boot folder is no dead boot`, async (t) => {
    const tree = new Tree(t).withCartridge()
    tree.writeData('boot/next', '{"intent":"recovery","reason":"because"}')
    make(tree.data('boot'))
    tree.write('proc/cmdline', 'deskvisor.recovery')
    await boot(tree.machine)
    t.equal(intentOf(tree).intent, 'recovery')
    t.match(intentOf(tree).reason.text, /^\p{L}[^\p{Cc}]+\.$/u)
  })
}

t.test('a start that cannot be counted goes on', async (t) => {
  const tree = new Tree(t).withCartridge()
  tree.writeData('boot', 'a file')
  tree.write('run/deskvisor/start-desktop', '')
  await boot(tree.machine)
  // As far as it goes here: the tree has no /dev/kvm.
  t.equal(intentOf(tree).reason.code, 'no-kvm')
})

t.test('a desktop that cannot start ends in the menu with the reason', async (t) => {
  const tree = new Tree(t).withCartridge()
  await boot(tree.machine)
  // The tree has no /dev/kvm.
  t.match(intentOf(tree), { intent: 'recovery', reason: { code: 'no-kvm', text: /no virtualisation/ } })
  t.equal(readAttempts(tree.machine), 1, 'and was counted')
})

t.test('a start that is refused keeps no moment and resets nothing', async (t) => {
  const tree = new Tree(t).withCartridge()
  const golden = '2026-11-20T21:05:03Z-manual'
  const about = { uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', reset: 'every-start', golden }
  const folder = tree.data('cartridges/gondor')
  cpSync(join(folder, 'states/0001'), join(folder, 'snapshots', golden), { recursive: true })
  writeFileSync(join(folder, 'states/0001/disk.raw'), 'what the user left')
  for (const description of [about, { ...about, reset: null }]) {
    tree.writeData('cartridges/gondor/cartridge.json', JSON.stringify(description))
    await boot(tree.machine)
    t.equal(intentOf(tree).reason.code, 'no-kvm')
    t.equal(readFileSync(join(folder, 'present/disk.raw'), 'utf8'), 'what the user left')
    t.same(readdirSync(join(folder, 'snapshots')), [golden])
  }
})

t.test(
  'a desktop that cannot start fresh ends in the menu, and not with what the last user left',
  async (t) => {
    const tree = new Tree(t).withCartridge()
    withEmulatedDesktop(tree)
    const about = { uuid: '0f8fad5b-d9cb-469f-a165-70867728950e', reset: 'every-start', golden: 'gone' }
    tree.writeData('cartridges/gondor/cartridge.json', JSON.stringify(about))
    const text = /^gondor starts fresh .* cannot now: .* the name gone\. Choose another golden moment, or /
    await boot(tree.machine)
    t.match(intentOf(tree), { intent: 'recovery', reason: { code: 'cannot-reset', text } })
    await relaunch(machineAt(tree.root, { clock: heldClock().clock }))
    t.match(readNextBoot(tree.machine), { code: 'cannot-reset', text })
  },
)
