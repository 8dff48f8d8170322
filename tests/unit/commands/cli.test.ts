import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseCommandLine } from '../../../orchestrator/commands/command-line.ts'
import { isGroup } from '../../../orchestrator/commands/description.ts'
import { helpText } from '../../../orchestrator/commands/help.ts'
import { commands } from '../../../orchestrator/commands/table.ts'
import { deskvisor } from '../fixtures/command-line.ts'
import { Tree } from '../fixtures/tree.ts'

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
  [['cartridge'], /Something is missing; expected one of list, create, import/],
  [['cartridge', 'lst'], /"lst" is not part of deskvisor cartridge; did you mean list\?/],
  [['cartridge', 'constructor'], /"constructor" is not part of deskvisor cartridge/],
  [['cartridge', 'import', 'x'], /Something is missing; expected FILE --name NAME \[--title TITLE\]/],
  [['cartridge', 'list', '--name', 'x'], /Unknown option '--name'/],
  [
    ['cartridge', 'create', 'x', '--size', 'large'],
    /"large" is no size; expected a number with K, M, G or T/,
  ],
  [['cartridge', 'reset', 'maybe'], /"maybe" does not fit; expected on or off/],
  [['rollback'], /Something is missing; expected \[CARTRIDGE\] SNAPSHOT \[--force\]/],
  [['rollback', 'a', 'b', 'c'], /"a" "b" "c" does not fit/],
  [['snapshot', 'list', '../x'], /cartridge is "..\/x"; expected the name of an operating system/],
  [['snapshot', 'take', 'x', '--kind', 'weekly'], /kind is "weekly"; expected one of boot, hourly/],
  [['completion', 'tcsh'], /"tcsh" does not fit; expected bash, zsh or fish/],
  [['cartridge', 'insert', '../x'], /cartridge is "..\/x"; expected the name/],
  [['__proto__'], /is not a command/],
  [['statu', '--help'], /"statu" is not a command; did you mean status\?\ndeskvisor --help says more/],
  [['-h', 'frobnicate'], /"frobnicate" is not a command/],
  [['help', 'frobnicate'], /"help" is not a command/],
  [['frobnicate', '--version'], /"frobnicate" is not a command/],
  [['frobnicate', '--json'], /frobnicate.. is not a command/],
  [['cartridge', 'exprot', '--help'], /"exprot" is not part of deskvisor cartridge; did you mean export\?/],
  [['--help', 'snapshots', 'lst'], /"lst" is not part of deskvisor snapshot; did you mean list\?/],
  [['cartridge', 'exprot', 'x', '--snapshot', 'latest'], /"exprot" is not part of/],
  [['status', 'extra', '--help'], /"extra" does not fit/],
  [['cartridge', 'insert', 'a', 'b', '--help'], /"a" "b" does not fit; expected CARTRIDGE/],
  [['status', '--jsn'], /Unknown option '--jsn'; did you mean --json\?\ndeskvisor status --help/],
  [['status', '--help', '--bogus'], /Unknown option '--bogus'\.$/m],
  [['--help', '--bogus'], /Unknown option '--bogus'\.$/m],
  [['--help', '--json'], /Unknown option '--json'/],
  [['cartridge', '--help', '--jsn'], /Unknown option '--jsn'; did you mean --json\?/],
  [['--rot', '/tmp', 'status'], /Unknown option '--rot'; did you mean --root\?/],
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
  for (const [name, command] of Object.entries(commands)) {
    const shown = new RegExp(`^ {2}${name} `, 'm').test(stdout)
    t.equal(shown, isGroup(command) || !command.hidden, name)
  }
})

t.test('an option is of one type, whatever command it belongs to, and may stand before that', async (t) => {
  const types = new Map<string, string>()
  const described = Object.values(commands).flatMap((each) =>
    isGroup(each) ? Object.values(each.verbs) : [each],
  )
  for (const [name, { type }] of described.flatMap(({ options = {} }) => Object.entries(options))) {
    t.equal(types.get(name) ?? type, type, name)
    types.set(name, type)
  }
  t.match(parseCommandLine(['--size', '1M', 'cartridge', '--root', '/tmp', 'create', 'gondor']), {
    name: 'cartridge create',
    input: { words: { NAME: 'gondor' }, options: { size: '1M' } },
  })
})

t.test('every command has help with examples, and each example is understood', async (t) => {
  const called = Object.entries(commands).flatMap(([name, command]) =>
    isGroup(command) ? [[name], ...Object.keys(command.verbs).map((verb) => [name, verb])] : [[name]],
  )
  for (const words of called) {
    const line = parseCommandLine([...words, '--help'])
    const text = line.kind === 'help' ? helpText(line.about) : ''
    t.match(text, `Usage: deskvisor ${words.join(' ')}`)
    const [, examples = ''] = text.split('\nExamples:\n')
    t.match(examples, `deskvisor ${words.join(' ')}`)
    for (const example of examples.trim().split('\n'))
      t.equal(parseCommandLine(wordsOf(example)).kind, 'command', example)
  }
})

t.test('snapshots and cartridges mean snapshot and cartridge', async (t) => {
  for (const name of ['snapshot', 'cartridge']) {
    const calls = [['list'], ['list', '--json'], ['--root', '/tmp', 'list']]
    for (const words of calls)
      t.same(parseCommandLine([`${name}s`, ...words]), parseCommandLine([name, ...words]))
    const line = parseCommandLine([`${name}s`, '--help'])
    t.match(
      line.kind === 'help' && helpText(line.about),
      `${name} COMMAND [options]; ${name}s means the same`,
    )
  }
  t.match(await deskvisor('snapshots', 'plan', 'x', 'y'), {
    status: 2,
    stderr: /deskvisor snapshot plan --help/,
  })
  t.match(await deskvisor('statuss'), { status: 2, stderr: /did you mean status/ })
})

/** The words after `deskvisor` as a shell would split them, up to a pipe or redirection. */
function wordsOf(example: string): string[] {
  const [, own = ''] = /deskvisor ([^|>]*)/.exec(example) ?? []
  return [...own.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
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

t.test('status says that no moments are kept when less is free than must stay free', async (t) => {
  const tree = new Tree(t)
  tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000000\n')
  const warning = /^No moments are kept: only .* GiB are free, and 1000000\.0 GiB must stay free\.$/
  const { stdout } = await deskvisor('status', '--json', '--root', tree.root)
  t.match(JSON.parse(stdout).space, { free: Number, floor: 1_000_000 * 2 ** 30, warning })
  t.match((await deskvisor('status', '--root', tree.root)).stdout, /Space: {12}No moments are kept: only /)
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
  t.match(await deskvisor('cartridge', 'list', ...at), { status: 0, stdout: /^\* gondor, 512 B\n$/ })
  t.match(await deskvisor('cartridge', 'import', file, '--name', 'Gondor', ...at), {
    status: 2,
    stderr: /already/,
  })
})

t.test('a desktop that was broken goes back, and the way back is told', async (t) => {
  const tree = new Tree(t).withCartridge()
  const at = ['--root', tree.root]
  const disk = tree.data('cartridges/gondor/present/disk.raw')
  const taken = await deskvisor('snapshot', 'take', '--note', 'it works', ...at)
  t.match(taken, { status: 0, stdout: /^The present of gondor is kept as \S+-manual\.\n$/, stderr: '' })
  tree.writeData('cartridges/gondor/present/disk.raw', 'broken')
  t.match(await deskvisor('snapshot', 'list', ...at), { status: 0, stdout: / manual .*\n {4}it works\n/ })
  const prefix = String(new Date().getUTCFullYear())
  t.match(await deskvisor('rollback', prefix, ...at), {
    status: 0,
    stdout: /^gondor is back at \S+-manual\. .* deskvisor undo gondor returns to it\.\n$/,
    stderr: '',
  })
  t.equal(readFileSync(disk, 'utf8'), 'a disk')
  t.match(await deskvisor('undo', '--json', ...at), { status: 0, stdout: /"state": "done"/ })
  t.equal(readFileSync(disk, 'utf8'), 'broken')
  for (const time of ['once', 'and again']) {
    t.match(await deskvisor('rollback', 'latest', ...at), { status: 0 }, time)
    t.equal(readFileSync(disk, 'utf8'), 'a disk', time)
  }
  const ambiguous = await deskvisor('rollback', prefix, ...at)
  t.match(ambiguous, { status: 2, stderr: /fits \d moments of gondor: /, stdout: '' })
  t.match(await deskvisor('rollback', '1999', ...at), { status: 2, stderr: /gondor has no moment "1999"/ })
})

t.test('moments are pinned, noted, planned, pruned and deleted by name', async (t) => {
  const tree = new Tree(t).withCartridge()
  const at = ['--root', tree.root]
  await deskvisor('snapshot', 'take', ...at)
  t.match(await deskvisor('snapshot', 'pin', 'latest', ...at), { status: 0 })
  t.match(await deskvisor('snapshot', 'note', 'gondor', 'latest', 'the good one', ...at), { status: 0 })
  t.match(await deskvisor('snapshot', 'list', ...at), { stdout: /pinned, the good one/ })
  t.match(await deskvisor('snapshot', 'plan', ...at), { status: 0, stdout: /^keep +\S+-manual +/ })
  t.match(await deskvisor('snapshot', 'prune', ...at), { status: 0, stdout: '0 moments were deleted.\n' })
  t.match(await deskvisor('snapshot', 'unpin', 'latest', ...at), { status: 0 })
  t.match(await deskvisor('try', 'latest', ...at), { status: 0, stdout: /deskvisor keep, or deskvisor drop/ })
  t.match(await deskvisor('drop', ...at), { status: 0 })
  t.match(await deskvisor('snapshot', 'delete', 'latest', ...at), { status: 0, stdout: /is deleted/ })
  t.match(await deskvisor('snapshot', 'list', ...at), { stdout: 'gondor has no moments yet.\n' })
})

t.test('sizes are measured on request, and the list shows what was measured last', async (t) => {
  const tree = new Tree(t).withCartridge()
  const at = ['--root', tree.root]
  tree.writeData('cartridges/gondor/states/0001/disk.raw', 'x'.repeat(3_000_000))
  await deskvisor('snapshot', 'take', ...at)
  const unknown = await deskvisor('snapshot', 'list', ...at)
  t.match(unknown.stdout, / manual +- +- *\ndeskvisor snapshot sizes gondor measures what is not known\.\n$/)
  const measured = await deskvisor('snapshot', 'sizes', ...at)
  t.match(measured, { status: 0, stderr: '', stdout: / manual +2\.9 MiB +2\.9 MiB *\n$/ })
  t.equal((await deskvisor('snapshot', 'list', ...at)).stdout, measured.stdout)
  tree.writeData('cartridges/gondor/states/0001/disk.raw', 'y'.repeat(1_000_000))
  await deskvisor('snapshot', 'take', ...at)
  t.match(await deskvisor('snapshot', 'list', ...at), {
    stdout: / manual +- +- *\n.* manual +2\.9 MiB +2\.9 MiB *\ndeskvisor snapshot sizes/,
  })
  const json = JSON.parse((await deskvisor('snapshot', 'sizes', '--json', ...at)).stdout)
  t.match(json.snapshots, [{ exclusiveBytes: Number, writtenBytes: Number }, { exclusiveBytes: Number }])
  t.match(await deskvisor('snapshot', 'sizes', 'rohan', ...at), { status: 2, stderr: /rohan/ })
})

t.test('operating systems are made, changed and thrown away', async (t) => {
  const tree = new Tree(t)
  const at = ['--root', tree.root]
  const steps: [string[], RegExp][] = [
    [['create', 'gondor', '--size', '1M', '--title', 'Gondor'], /gondor is there/],
    [['insert', 'gondor'], /gondor is inserted/],
    [['note', 'with printer'], /is written/],
    [['freeze', 'off'], /is only stopped for an instant/],
    [['clone', 'rohan'], /rohan is made from gondor/],
    [['grow', 'rohan', '2M'], /is larger/],
    [['rename', 'rohan', 'mordor'], /rohan is called mordor now/],
    [['list'], /^\* gondor \(Gondor\), 1\.0 MiB, with printer\n {2}mordor.*2\.0 MiB/],
    [['delete', 'mordor'], /To take it out again: deskvisor cartridge restore \.trash-mordor-/],
    [['trash'], /^\.trash-mordor-\S+ +mordor/],
    [['trash', '--empty'], /The trash is empty/],
  ]
  for (const [words, said] of steps)
    t.match(await deskvisor('cartridge', ...words, ...at), { status: 0, stdout: said, stderr: '' })
})

t.test('the manual page tells every command', async (t) => {
  const { status, stdout } = await deskvisor('man')
  t.equal(status, 0)
  for (const [name, command] of Object.entries(commands)) {
    const names = isGroup(command) ? Object.keys(command.verbs).map((verb) => `${name} ${verb}`) : [name]
    if (!isGroup(command) && command.hidden) continue
    for (const called of names) t.match(stdout, `\n.SS deskvisor ${called.replaceAll('-', '\\-')}`)
  }
  t.notMatch(stdout, /[^\\]--/, 'dashes can be copied')
})

t.test('the OpenAPI document comes out as JSON', async (t) => {
  const { status, stdout } = await deskvisor('openapi')
  t.equal(status, 0)
  t.match(JSON.parse(stdout), {
    openapi: '3.1.0',
    paths: { '/cartridges/{cartridge}/roll-back': { post: {} } },
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
  // As npm start's virtual PC has it: its desktop starts.
  tree.write('proc/meminfo', 'MemTotal:       1991816 kB\n')
  t.match(await deskvisor('doctor', '--root', tree.root), {
    status: 0,
    stdout: /^warning Memory: 1\.9 GiB\n +Enough for a small system\./m,
  })
  tree.write('proc/meminfo', 'MemTotal:        800000 kB\n')
  t.match(await deskvisor('doctor', '--root', tree.root), {
    status: 1,
    stdout: /^PROBLEM Memory: 0\.8 GiB, so the desktop cannot start\n +The desktop would get/m,
  })
  const bare = await deskvisor('doctor', '--root', new Tree(t).root)
  t.equal(bare.status, 1)
  t.match(bare.stdout, /PROBLEM IOMMU/)
})

t.test('doctor calls this computer by its name, and nothing by what stands where no name is', async (t) => {
  const { words, readComputer } = await import('../../../orchestrator/commands/computer.ts')
  t.equal(words('LENOVO', '20XW\u001b[31m', 'ThinkPad X1'), 'LENOVO 20XW?[31m ThinkPad X1')
  t.equal(words('To Be Filled By O.E.M.', 'B450M Pro4', 'Default string'), 'B450M Pro4')
  t.equal(words('ASUS', 'ASUS', null, undefined, ' '), 'ASUS')
  t.equal(words('Samsung', 'Samsung SSD 980 PRO 1TB'), 'Samsung SSD 980 PRO 1TB')
  const { processor, disks } = await readComputer()
  t.match(processor, /^[^\p{C}]+$/u)
  t.ok(disks.every(({ bytes, name }) => bytes >= 0 && name !== ''))
})

t.test('doctor says what a kernel cannot keep from the desktop', async (t) => {
  const warnings = async (symbols: string) => {
    const tree = new Tree(t)
    tree.write('proc/kallsyms', symbols)
    const { stdout } = await deskvisor('doctor', '--root', tree.root)
    return /Network of the desktop: .*127\.0\.0\.1/.test(stdout)
  }
  t.equal(await warnings('0 T tcp_connect\n0 T __cgroup_bpf_run_filter_skb\n'), false)
  t.equal(await warnings('0 T tcp_connect\n0 t __cgroup_bpf_run_filter_skb_other\n'), true)
})

t.test('commands for the running machine refuse a tree', async (t) => {
  const { localApi } = await import('../../../orchestrator/api/local.ts')
  const api = localApi(new Tree(t).machine)
  for (const call of [api.restart, api.powerOff, api.startDesktop, () => api.logs(10)]) {
    await t.rejects(async () => void (await call()), { code: 'not-this-machine' })
  }
})

t.test('what a file is called cannot steer the terminal that an error is shown on', async (t) => {
  const name = '/nowhere/\u001b[2J\u009b5m\u202e\n    at evil.raw'
  // A tree of its own even here: a file that could be read would become a cartridge of this computer.
  const at = ['--root', new Tree(t).root]
  const { status, stdout, stderr } = await deskvisor('cartridge', 'import', name, '--name', 'gondor', ...at)
  t.equal(status, 2)
  t.equal(stdout, '')
  t.match(stderr, /^deskvisor: \/nowhere\/ \[2J/)
  t.notMatch(stderr, /\n {4}at/)
  t.notMatch(stderr.replaceAll('\n', ''), /\p{C}/u)
})

t.test('with --json a failure is one line of JSON with its stable code', async (t) => {
  const tree = new Tree(t).withCartridge()
  const at = ['--json', '--root', tree.root]
  const failures: [string[], number, string][] = [
    [['rollback', 'rohan', 'latest', ...at], 2, 'no-such-cartridge'],
    [['rollback', 'gondor', '1999', ...at], 2, 'no-such-snapshot'],
    [['undo', ...at], 1, 'nothing-to-undo'],
    [['rollback', '--json'], 2, 'bad-usage'],
    [['stats', '--json'], 2, 'bad-usage'],
  ]
  for (const [args, status, code] of failures) {
    const ended = await deskvisor(...args)
    t.match(ended, { status, stdout: '', stderr: /^[^\n]+\n$/ })
    const { error } = JSON.parse(ended.stderr)
    t.match(error, { code, message: /[.?]$/ }, args.join(' '))
    t.equal(error.wrongInput ?? false, status === 2)
  }
})

t.test('every command knows an operating system in whatever case it is typed', async (t) => {
  const tree = new Tree(t).withCartridge()
  const at = ['--root', tree.root]
  const commands = [
    ['snapshot', 'take', 'GONDOR'],
    ['snapshot', 'list', 'Gondor'],
    ['snapshot', 'note', 'GONDOR', 'latest', 'as new'],
    ['rollback', 'GONDOR', 'latest'],
    ['undo', 'Gondor'],
    ['try', 'GONDOR', 'latest'],
    ['drop', 'GONDOR'],
    ['cartridge', 'golden', 'GONDOR', 'latest'],
    ['cartridge', 'note', 'GONDOR', 'the one with the printer'],
    ['cartridge', 'insert', 'GONDOR', '--now'],
    ['cartridge', 'rename', 'GONDOR', 'rohan'],
    ['complete', 'snapshots', 'ROHAN'],
  ]
  for (const words of commands) t.match(await deskvisor(...words, ...at), { status: 0 }, words.join(' '))
  const job = JSON.parse((await deskvisor('snapshot', 'take', 'ROHAN', '--json', ...at)).stdout)
  t.equal(job.title, 'Keeping rohan as it is now', 'and the work is about its own name')
})

t.test('a folder for --root that is not there is an error, and no machine without anything', async (t) => {
  const tree = new Tree(t)
  const missing = tree.at('nowhere')
  for (const words of [['cartridge', 'list'], ['status'], ['boot']]) {
    const { status, stdout, stderr } = await deskvisor(...words, '--root', missing)
    t.match({ status, stdout }, { status: 2, stdout: '' })
    t.match(stderr, `--root ${missing} is not there.`)
  }
  const file = tree.write('file', '')
  t.match(await deskvisor('status', '--root', file), { status: 2, stderr: /is not a folder/ })
  t.match(await deskvisor('recovery', '--next-boot', '--json', '--root', tree.root), {
    status: 0,
    stdout: /"nextBoot": "recovery"/,
  })
})

t.test('what the system refuses is the same sentence for people and for programs', async (t) => {
  const tree = new Tree(t)
  tree.writeData('boot', 'a file where a folder should be')
  const asked = ['recovery', '--next-boot', '--root', tree.root]
  const { status, stderr } = await deskvisor(...asked)
  t.equal(status, 1)
  t.match(stderr, /^deskvisor: The system refused something: (ENOTDIR|EEXIST): .+\nj.+\n$/)
  const { error } = JSON.parse((await deskvisor(...asked, '--json')).stderr)
  t.match(error, { code: 'system-error', message: /^The system refused something: / })
  t.equal(stderr, `deskvisor: ${error.message}\n${error.hint}\n`)
})
