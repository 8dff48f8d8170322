import { readdirSync, renameSync } from 'node:fs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import {
  cloneCartridge,
  createCartridge,
  deleteCartridge,
  importCartridge,
  insertCartridge,
  insertedCartridge,
  listCartridges,
  renameCartridge,
  restoreCartridge,
} from '../../../orchestrator/cartridges/index.ts'
import { hasInvisible, lookAlikes, skeleton } from '../../../orchestrator/cartridges/names/look-alike.ts'
import { normalName, sameName } from '../../../orchestrator/cartridges/names/names.ts'
import { Tree } from '../fixtures/tree.ts'

const mebibyte = 1024 * 1024
/** Letters and marks among what cannot be seen; the rest of that is in no name anyway. */
const invisible = [
  '\u034f',
  '\ufe0f',
  '\u{e0100}',
  '\u180b',
  '\u17b4',
  '\u3164',
  '\u115f',
  '\u1160',
  '\uffa0',
]

async function twoOf(t: Test): Promise<Tree> {
  const tree = new Tree(t).withCartridge()
  await createCartridge({ machine: tree.machine, name: 'rohan', sizeBytes: mebibyte })
  return tree
}

/** Every way in which a name comes to be. */
function waysToName(tree: Tree): Record<string, (name: string) => Promise<unknown>> {
  const { machine } = tree
  const file = tree.write('new.raw', 'x'.repeat(4096))
  return {
    create: (name) => createCartridge({ machine, name, sizeBytes: mebibyte }),
    import: (name) => importCartridge({ machine, name, file }),
    clone: (newName) => cloneCartridge({ machine, name: 'gondor', newName }),
    rename: (newName) => renameCartridge(machine, 'rohan', newName),
  }
}

t.test('a new name has no part that cannot be seen', async (t) => {
  const tree = await twoOf(t)
  for (const [way, make] of Object.entries(waysToName(tree))) {
    for (const hidden of invisible) {
      const wrong = { code: 'bad-name', exitCode: 2, message: /^"mor\?dor" cannot/, hint: /cannot be seen/ }
      await t.rejects(make(`mor${hidden}dor`), wrong, `${way} ${hidden.codePointAt(0)?.toString(16)}`)
    }
  }
  t.same(readdirSync(tree.data('cartridges')), ['gondor', 'rohan'])
})

t.test('a new name does not look like one that there is', async (t) => {
  const tree = await twoOf(t)
  await importCartridge({
    machine: tree.machine,
    file: tree.write('x', 'x'.repeat(512)),
    name: "Büro's Täfelchen",
  })
  const alike = [
    'g\u043endor',
    'G\u039fND\u041eR',
    'gon\u0329dor',
    'g\u043end\u03bfr',
    'Bu\u0308ro\u2019s T\u00e4felchen',
  ]
  for (const [way, make] of Object.entries(waysToName(tree)))
    for (const name of alike)
      await t.rejects(
        make(name),
        { code: 'name-taken', exitCode: 2, message: /looks like (gondor|Büro's)/ },
        way,
      )
  t.equal(
    await renameCartridge(tree.machine, 'gondor', 'g\u00f6ndor'),
    'g\u00f6ndor',
    'but it may look like its own',
  )
})

t.test('ordinary names in any script stand beside each other', async (t) => {
  const tree = new Tree(t)
  const names = [
    'Сова',
    'Coda',
    'Σπίτι',
    'かき',
    'かぎ',
    'किताब',
    'कीताब',
    '컴퓨터',
    '我的电脑',
    'بيت',
    'בית',
    'ไก่',
    'ไก',
    'PC 1',
    'PC l',
  ]
  for (const name of names) await createCartridge({ machine: tree.machine, name, sizeBytes: mebibyte })
  t.same(
    listCartridges(tree.machine)
      .map(({ name, problem }) => [name, problem])
      .sort(),
    names.map((name) => [name.normalize('NFC'), null]).sort(),
  )
})

t.test('what was called so before stays usable', async (t) => {
  const tree = await twoOf(t)
  const old = 'g\u043en\u034fdor'
  renameSync(tree.data('cartridges/rohan'), tree.data(`cartridges/${old}`))
  await insertCartridge(tree.machine, old)
  t.equal(insertedCartridge(tree.machine).name, old)
  await insertCartridge(tree.machine, 'gondor')
  t.equal(insertedCartridge(tree.machine).name, 'gondor')
  await renameCartridge(tree.machine, 'gondor', 'mordor')
  const entry = await deleteCartridge(tree.machine, old)
  t.equal(await restoreCartridge(tree.machine, entry), old)
  t.equal(await renameCartridge(tree.machine, old, 'shire'), 'shire')
})

const anyName = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((name) => normalName(name) === name)
const plainName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._'()&+-]{0,20}$/)

t.test('the skeleton of a name', async () => {
  fc.assert(
    fc.property(
      plainName,
      plainName,
      (one, other) => (skeleton(one) === skeleton(other)) === sameName(one, other),
    ),
  )
  fc.assert(fc.property(anyName, (name) => skeleton(name) === skeleton(name.normalize('NFD'))))
  const hidden = fc.constantFrom(...invisible)
  fc.assert(
    fc.property(anyName, hidden, fc.nat(20), (name, part, at) => {
      const letters = [...name]
      const withHidden = [...letters.slice(0, at), part, ...letters.slice(at)].join('')
      return hasInvisible(withHidden) && skeleton(withHidden) === skeleton(name)
    }),
  )
  const swapped = (name: string, which: readonly boolean[]) => {
    const back = [...lookAlikes()]
    return [...name]
      .map((letter, index) => (which[index] && back.find(([, looks]) => looks === letter)?.[0]) || letter)
      .join('')
  }
  fc.assert(
    fc.property(
      plainName,
      fc.array(fc.boolean(), { maxLength: 20 }),
      (name, which) => skeleton(swapped(name, which)) === skeleton(name),
    ),
  )
  for (const [letter, looks] of lookAlikes())
    fc.assert(
      fc.property(plainName, (name) => skeleton(name + letter) === skeleton(name + looks)),
      { numRuns: 5 },
    )
})
