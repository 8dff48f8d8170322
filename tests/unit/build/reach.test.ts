import t from 'tap'

type Reach = (
  files: string[],
  unitTests: Record<string, string[]>,
) => { floors: string[]; stories: string[]; unit: string[] }
type Sources = {
  changedFiles(before: Record<string, string>, now: Record<string, string>): string[]
  closureOf(file: string): Set<string>
}
const { reach } = (await import('../../../build/test/reach.mjs' as string)) as { reach: Reach }
const { changedFiles, closureOf } = (await import('../../../build/test/sources.mjs' as string)) as Sources

const unitTests = {
  'tests/unit/a.test.ts': ['tests/unit/a.test.ts', 'orchestrator/boot/intent.ts'],
  'tests/unit/b.test.ts': ['tests/unit/b.test.ts', 'tui/widgets/list.ts'],
}

t.test(
  'a change reaches the floors on which its room can be seen, and the unit tests that import it',
  async (t) => {
    t.same(reach(['README.md', 'docs/performance.md'], unitTests), { floors: [], stories: [], unit: [] })
    t.same(reach(['tui/widgets/list.ts'], unitTests), {
      floors: ['container'],
      stories: [],
      unit: ['tests/unit/b.test.ts'],
    })
    t.same(reach(['orchestrator/boot/intent.ts'], unitTests), {
      floors: ['sweep', 'container', 'pc'],
      stories: [],
      unit: ['tests/unit/a.test.ts'],
    })
    t.same(reach(['tests/scenarios/start/qemu.ts'], unitTests), { floors: ['user'], stories: [], unit: [] })
    for (const file of ['tests/bench/machine-tree.ts', 'tests/unit/fixtures/tree.ts'])
      t.same(reach([file], unitTests).floors, ['user'], 'a build records a machine with it')
    t.same(reach(['tests/scenarios/stories/kiosk.ts'], unitTests), {
      floors: [],
      stories: ['kiosk'],
      unit: [],
    })
  },
)

t.test('what nobody has a rule for may reach everything', async (t) => {
  t.same(reach(['package.json'], unitTests).floors, ['sweep', 'user', 'container', 'pc'])
})

t.test('a file that is new, gone, or has another content has changed', async (t) => {
  t.same(changedFiles({ a: '1', b: '1', c: '1' }, { a: '1', b: '2', d: '1' }), ['b', 'c', 'd'])
})

t.test('a test depends on what its sources name, all the way down', async (t) => {
  const names = [...closureOf(import.meta.filename)].join('\n')
  t.match(names, /build\/test\/sources\.mjs/)
  t.match(names, /build\/tools\.mjs/)
  t.notMatch(names, /node_modules/)
})
