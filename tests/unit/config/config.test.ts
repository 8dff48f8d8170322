import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import t from 'tap'
import { defaultConfig, loadConfig, parseConfig } from '../../../orchestrator/config/index.ts'
import { lineOfKey } from '../../../orchestrator/config/locate.ts'
import { hostileFiles, Tree } from '../fixtures/tree.ts'

const errors = [
  {
    what: 'a wrong value',
    text: '# mine\n[boot]\nkey = "f99"\n',
    starts: 'deskvisor.toml line 3: boot.key is "f99"; expected one of f1, f2,',
  },
  {
    what: 'a misspelt key',
    text: '\n[boot]\nkye = "f8"\n',
    starts: 'deskvisor.toml line 3: boot.kye is not a known key; did you mean boot.key?',
  },
  {
    what: 'a key like no other',
    text: 'whatever = 1\n',
    starts:
      'deskvisor.toml line 1: whatever is not a known key; expected one of boot, console, passthrough, snapshots.',
  },
  {
    what: 'a number out of range',
    text: '[console]\nwithout_gpu = "emulated"\nmemory_reserve_mib = 3\n',
    starts:
      'deskvisor.toml line 3: console.memory_reserve_mib is 3; expected "auto" or a whole number of MiB',
  },
  {
    what: 'a wrong word for a machine without virtualisation',
    text: '[console]\nwithout_kvm = "emulated"\n',
    starts: 'deskvisor.toml line 2: console.without_kvm is "emulated"; expected "recovery" or "emulate".',
  },
  {
    what: 'a bad entry of a list over several lines',
    text: '[passthrough]\nkeep = [ # these stay\n  "0000:03:00.0",\n  "gpu",\n]\n',
    starts: 'deskvisor.toml line 2: passthrough.keep.1 is "gpu"; expected a PCI address',
  },
  {
    what: 'a timeline that would keep nothing',
    text: '[snapshots]\nkeep_last = 0\n',
    starts: 'deskvisor.toml line 2: snapshots.keep_last is 0; expected a whole number from 1 to 10000.',
  },
  {
    what: 'a floor of free space that is no number',
    text: '[snapshots]\nfree_floor_gib = "much"\n',
    starts:
      'deskvisor.toml line 2: snapshots.free_floor_gib is "much"; expected "auto" or a whole number of GiB',
  },
  {
    what: 'a value where a table belongs',
    text: 'boot = 3\n',
    starts: 'deskvisor.toml line 1: boot is 3; expected a table.',
  },
  {
    what: 'a dotted key',
    text: '\nboot.key = 8\n',
    starts: 'deskvisor.toml line 2: boot.key is 8; expected one of',
  },
  {
    what: 'an inline table',
    text: '\nboot = { key = 8 }\n',
    starts: 'deskvisor.toml line 2: boot.key is 8;',
  },
  { what: 'text that is not TOML', text: 'a = 1\nb = = 2\n', starts: 'deskvisor.toml line 2: ' },
  { what: 'a key given twice', text: '[boot]\nkey = "f8"\nkey = "f9"\n', starts: 'deskvisor.toml line 3: ' },
]

for (const { what, text, starts } of errors) {
  t.test(`names file, line, key and what was expected for ${what}`, async (t) => {
    const { config, error } = parseConfig(text)
    t.equal(error?.slice(0, starts.length), starts, error ?? 'no error')
    t.same(config, defaultConfig, 'falls back to the defaults')
  })
}

t.test('uses defaults for what the file leaves out', async (t) => {
  const { config, error } = parseConfig(
    '[boot]\nkey = "esc"\n[passthrough]\nkeep = ["10de:2484"]\n[snapshots]\nkeep_daily = 30\n',
  )
  t.equal(error, null)
  t.same(config, {
    ...defaultConfig,
    boot: { ...defaultConfig.boot, key: 'esc' },
    passthrough: { keep: ['10de:2484'] },
    snapshots: { ...defaultConfig.snapshots, keep_daily: 30 },
  })
})

t.test('no file at all is no error', async (t) => {
  t.same(loadConfig(new Tree(t).machine, ''), { config: defaultConfig, error: null })
})

t.test('a credential wins over the file', async (t) => {
  const tree = new Tree(t)
  tree.writeData('deskvisor.toml', '[boot]\nkey = "f2"\n')
  tree.write('credentials/deskvisor.toml', '[boot]\nkey = "f3"\n')
  t.equal(loadConfig(tree.machine, tree.at('credentials')).config.boot.key, 'f3')
  t.equal(loadConfig(tree.machine, tree.at('elsewhere')).config.boot.key, 'f2', 'the file counts without one')
})

t.test('a broken credential is named as such', async (t) => {
  const tree = new Tree(t)
  tree.write('credentials/deskvisor.toml', 'boot = 1')
  t.match(
    loadConfig(tree.machine, tree.at('credentials')).error,
    /^credential deskvisor.toml line 1: boot is 1/,
  )
})

for (const [what, make] of Object.entries(hostileFiles)) {
  t.test(`survives ${what} in place of deskvisor.toml`, async (t) => {
    const tree = new Tree(t)
    make(tree.writeData('deskvisor.toml', ''))
    const { config, error } = loadConfig(tree.machine, '')
    t.same(config, defaultConfig)
    if (what === 'missing' || what === 'empty') t.equal(error, null)
    else t.match(error, /^deskvisor\.toml .+\.$/)
    t.notMatch(error ?? '', /root:|\p{Cc}/u, 'shows nothing of another file and no control characters')
  })
}

t.test('does not follow a link, even one to a valid file', async (t) => {
  const tree = new Tree(t)
  tree.write('elsewhere.toml', '[boot]\nkey = "f2"\n')
  symlinkSync(tree.at('elsewhere.toml'), tree.data('deskvisor.toml'))
  t.match(loadConfig(tree.machine, '').error, /is a symbolic link; expected a regular file/)
})

t.test('refuses a file that is larger than any configuration', async (t) => {
  const tree = new Tree(t)
  tree.writeData('deskvisor.toml', '# long\n'.repeat(60_000))
  t.match(loadConfig(tree.machine, '').error, /larger than 262144 bytes/)
})

t.test('finds keys behind values that look like keys', async (t) => {
  const text = 'a = """\nkey = 1\n[boot]\n"""\nb = [ "]", # ]\n "key = 2" ]\n[boot]\nkey = 3\n'
  t.equal(lineOfKey(text, ['boot', 'key']), 8)
  t.equal(lineOfKey(text, ['b']), 5)
  t.equal(lineOfKey(text, ['nowhere']), undefined)
})

t.test('a file that the system refuses to open is told as that', async (t) => {
  const tree = new Tree(t)
  // open(2) of a socket is ENXIO.
  const server = createServer().listen(tree.data('deskvisor.toml'))
  t.teardown(() => server.close())
  await once(server, 'listening')
  t.match(loadConfig(tree.machine), {
    config: defaultConfig,
    error: /^deskvisor\.toml cannot be read: ENXIO: [^;]+\.$/,
  })
})
