import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const module = (name: string) => join(import.meta.dirname, `../../../build/test/${name}.mjs`)

/** What tap says of two files, shortened. */
const stream = `TAP version 14
# Subtest: tests/unit/a.test.ts
    # Subtest: goes back
        ok 1 - should be equal
        not ok 2 - the disk is as it was
          ---
          compare: ===
          at:
            fileName: tests/unit/a.test.ts
            lineNumber: 12
            columnNumber: 5
          stack: |
            Test.<anonymous> (tests/unit/a.test.ts:12:5)
          diff: |
            --- expected
            +++ actual
            @@ -1,1 +1,1 @@
            -gondor
            +rohan
          ...
        1..2
        # failed 1 of 2 tests
    not ok 1 - goes back # time=3.1ms
      ---
      at:
        fileName: tests/unit/a.test.ts
        lineNumber: 10
      ...
    # Subtest: on a real btrfs
        ok 1 - nothing # SKIP mounting a btrfs needs root
        1..1
    ok 2 - on a real btrfs # time=1ms
    ok 3 - on another # SKIP mounting a btrfs needs root
    1..3
not ok 1 - tests/unit/a.test.ts # time=20ms
  ---
  exitCode: 1
  ...
# Subtest: tests/unit/b.test.ts
not ok 2 - tests/unit/b.test.ts # time=2ms
  ---
  exitCode: 1
  command: node
  signal: null
  ...
`

t.test('of unit tests that fail, names and reasons are shown, and where the rest is', async (t) => {
  const { readTap } = await import(module('tap'))
  const { failureLines } = await import(module('floors'))
  const { passed, failures } = readTap(stream)
  t.equal(passed, 1)
  t.same(failureLines(failures, 'dist/unit-tests.tap'), [
    '',
    'FAIL tests/unit/a.test.ts › goes back › the disk is as it was',
    '         -gondor',
    '         +rohan',
    '       at tests/unit/a.test.ts:12',
    'FAIL tests/unit/b.test.ts',
    '       exitCode: 1',
    '       signal: null',
    'All that the tests said is in dist/unit-tests.tap',
  ])
  t.same(failureLines([], 'x'), [])
  const many = Array.from({ length: 734 }, () => ({ path: ['x'], reason: ['y'] }))
  t.equal(failureLines(many, 'x').length, 53)
})

t.test('what is skipped is told with its name and the reason, and is not among what passed', async (t) => {
  const { readTap } = await import(module('tap'))
  const { skippedLines } = await import(module('floors'))
  t.same(skippedLines(readTap(stream).skipped), [
    'skipped, because mounting a btrfs needs root: 2',
    '       tests/unit/a.test.ts › on a real btrfs › nothing',
    '       tests/unit/a.test.ts › on another',
  ])
})

t.test(
  'tests that are ended in the middle leave nothing behind, and what they said so far counts',
  async (t) => {
    const script = `
    import { chmodSync, mkdirSync } from 'node:fs'
    import { temporaryFolders } from ${JSON.stringify(module('temporary'))}
    import { endAll, show } from ${JSON.stringify(module('show'))}
    const env = temporaryFolders()
    mkdirSync(env.TMPDIR + '/moment/inside', { recursive: true })
    chmodSync(env.TMPDIR + '/moment', 0o555)
    const test = 'console.log("ok 1 - so far"); console.log(process.env.TMPDIR); setInterval(() => {}, 1000)'
    const wanted = (line) => { if (line.startsWith('/')) setImmediate(endAll) }
    const { status, output } = await show(process.execPath, ['-e', test], { env, wanted })
    const next = await show(process.execPath, ['-e', 'console.log("ok 2 - begun")'])
    console.log(JSON.stringify({ folders: Object.values(env), status, output, next: next.output }))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    })
    t.equal(stderr, '')
    const { folders, output, next } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
    t.match(output, /^ok 1 - so far\n/)
    t.equal(next, '', 'nothing more is begun')
    t.equal(folders.length, 2)
    for (const folder of folders) t.notOk(existsSync(folder), folder)
  },
)
