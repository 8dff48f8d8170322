import { fileURLToPath } from 'node:url'
import t from 'tap'
import { commands } from '../../orchestrator/commands/table.ts'
import { run } from '../../orchestrator/host/process.ts'
import { Tree } from './fixtures/tree.ts'

const program = fileURLToPath(new URL('../../orchestrator/main.ts', import.meta.url))
const deskvisor = (...args: string[]) => run(process.execPath, [program, ...args], { timeoutMs: 30_000 })

const wrong: [string[], RegExp][] = [
  [[], /A command is missing/],
  [['stats'], /"stats" is not a command; did you mean status\?/],
  [['frobnicate'], /"frobnicate" is not a command/],
  [['--bogus'], /Unknown option '--bogus'/],
  [['status', '--bogus'], /Unknown option '--bogus'/],
  [['status', 'extra'], /"extra" does not fit; expected \[--json\]/],
  [['status', '--root'], /--root/],
  [['status', '--root='], /--root needs a folder/],
  [['--root', '/tmp'], /A command is missing/],
  [['recovery'], /expected --next-boot/],
  [['cartridge'], /Something is missing; expected import/],
  [['cartridge', 'import', 'x'], /expected --name NAME/],
  [['cartridge', 'list', '--name', 'x'], /--name does not belong to cartridge list/],
  [['cartridge', 'insert', '../x'], /cannot be a name/],
  [['__proto__'], /is not a command/],
]
for (const [args, message] of wrong) {
  t.test(`"deskvisor ${args.join(' ')}" is an error with exit status 2`, async (t) => {
    const { status, stdout, stderr } = await deskvisor(...args)
    t.equal(status, 2)
    t.match(stderr, message)
    t.notMatch(stderr, /\n {4}at /, 'no stack trace')
    t.equal(stdout, '')
  })
}

t.test('--version and --help', async (t) => {
  t.match(await deskvisor('--version'), { status: 0, stdout: /^deskvisor \d+\.\d+\.\d+\n$/, stderr: '' })
  const { stdout } = await deskvisor('--help')
  for (const command of Object.keys(commands)) t.match(stdout, new RegExp(`^ {2}${command} `, 'm'))
})

for (const command of Object.keys(commands)) {
  t.test(`${command} --help shows examples`, async (t) => {
    const { status, stdout } = await deskvisor(command, '--help')
    t.equal(status, 0)
    t.match(stdout, new RegExp(`Examples:\n {2}deskvisor ${command}`))
  })
}

t.test('status tells the decision and what is wrong with the configuration', async (t) => {
  const tree = new Tree(t).withCartridge()
  tree.writeData('deskvisor.toml', 'x = 1')
  tree.write(
    'run/deskvisor/intent.json',
    '{"intent":"recovery","reason":{"code":"boot-key","text":"F8 was pressed."}}',
  )
  tree.write('proc/meminfo', 'MemTotal:  2048 kB\nMemAvailable:  1024 kB\n')
  const plan = [{ address: '0000:01:00.0', description: 'GPU', given: true, reason: 'is the GPU' }, 7, {}]
  tree.write('run/deskvisor/plan.json', JSON.stringify({ kind: 'passthrough', devices: plan }))
  const { status, stdout } = await deskvisor('status', '--json', '--root', tree.root)
  t.equal(status, 0)
  t.match(JSON.parse(stdout), {
    intent: { intent: 'recovery', reason: { code: 'boot-key', text: 'F8 was pressed.' } },
    operatingSystem: { name: 'gondor', title: 'Gondor' },
    memory: { total: 2_097_152, available: 1_048_576 },
    bootKey: 'f8',
    configError: /line 1: x is not a known key/,
    passthrough: [{ address: '0000:01:00.0', given: true }],
  })
  t.match((await deskvisor('status', '--root', tree.root)).stdout, /This boot: +recovery: F8 was pressed\./)
})

t.test('status works on a tree of garbage', async (t) => {
  const tree = new Tree(t)
  for (const name of ['intent', 'plan', 'watchdog'])
    tree.write(`run/deskvisor/${name}.json`, '{"reason":[],"devices":3')
  t.match(await deskvisor('status', '--json', '--root', tree.root), { status: 0, stderr: '' })
})

t.test('recovery --next-boot sends the next boot to recovery, once', async (t) => {
  const tree = new Tree(t)
  const reasonOf = async () =>
    JSON.parse((await deskvisor('status', '--json', '--root', tree.root)).stdout).intent.reason.code
  t.equal((await deskvisor('recovery', '--next-boot', '--root', tree.root)).status, 0)
  t.equal((await deskvisor('boot', '--root', tree.root)).status, 0)
  t.equal(await reasonOf(), 'next-boot')
  await deskvisor('boot', '--root', tree.root)
  t.equal(await reasonOf(), 'no-cartridge')
})

t.test('cartridge import, list and insert from the command line', async (t) => {
  const tree = new Tree(t)
  const file = tree.write('disk.raw', 'x'.repeat(512))
  const at = ['--root', tree.root]
  t.match(await deskvisor('cartridge', 'import', file, '--name', 'gondor', ...at), { status: 0, stderr: '' })
  t.match(await deskvisor('cartridge', 'insert', 'GONDOR', ...at), { status: 0 })
  t.match(await deskvisor('cartridge', 'list', ...at), { status: 0, stdout: '* gondor\n' })
  t.match(await deskvisor('cartridge', 'import', file, '--name', 'Gondor', ...at), {
    status: 2,
    stderr: /already/,
  })
})

t.test('doctor finds what stands in the way', async (t) => {
  const tree = new Tree(t)
  tree.write('proc/cpuinfo', 'processor : 0\nflags\t\t: fpu svm\n')
  tree.write('proc/meminfo', 'MemTotal:       16000000 kB\n')
  tree.write('sys/kernel/iommu_groups/0/type', 'DMA')
  tree.write('sys/firmware/efi/fw_platform_size', '64')
  const fine = await deskvisor('doctor', '--json', '--root', tree.root)
  t.equal(fine.status, 0)
  t.same(
    JSON.parse(fine.stdout).map(({ result }: { result: string }) => result),
    ['ok', 'ok', 'ok', 'ok'],
  )
  const bare = await deskvisor('doctor', '--root', new Tree(t).root)
  t.equal(bare.status, 1)
  t.match(bare.stdout, /PROBLEM IOMMU/)
})

t.test('commands for the running machine refuse a tree', async (t) => {
  const { localApi } = await import('../../orchestrator/api/local.ts')
  const api = localApi(new Tree(t).root)
  for (const call of [api.restart, api.powerOff, api.startDesktop, () => api.logs(10)]) {
    await t.rejects(async () => void (await call()), { code: 'not-this-machine' })
  }
})

t.test('what a file is called cannot steer the terminal that an error is shown on', async (t) => {
  const name = '/nowhere/\u001b[2J\u009b5m\u202e\n    at evil.raw'
  const { status, stdout, stderr } = await deskvisor('cartridge', 'import', name, '--name', 'gondor')
  t.equal(status, 2)
  t.equal(stdout, '')
  t.match(stderr, /^deskvisor: \/nowhere\/ \[2J/)
  t.notMatch(stderr, /\n {4}at/)
  t.notMatch(stderr.replaceAll('\n', ''), /\p{C}/u)
})
