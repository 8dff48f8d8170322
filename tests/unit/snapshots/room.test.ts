import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import {
  cloneCartridge,
  createCartridge,
  growDisk,
  openCartridge,
  stateStore,
} from '../../../orchestrator/cartridges/index.ts'
import { lockFolder } from '../../../orchestrator/cartridges/lock.ts'
import {
  makeRoomForSnapshots,
  prune,
  pruneOthers,
  takeSnapshot,
} from '../../../orchestrator/snapshots/index.ts'
import { protectedSnapshots } from '../../../orchestrator/snapshots/retention/protect.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Gondor } from '../fixtures/timeline.ts'

const mebibyte = 2 ** 20
const skip = noBtrfs()
const keepOne =
  '[snapshots]\nkeep_last = 1\nkeep_hourly = 0\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\n'

/** Snapshots of other hours, so that the rules keep them all, the oldest first; each holds so much that only it holds. */
async function snapshots(
  gondor: Gondor,
  cartridge: string,
  count: number,
  mebibytes: number,
): Promise<string[]> {
  const folder = gondor.tree.data(`cartridges/${cartridge}`)
  const names = Array.from({ length: count }, (_, hour) => `2026-11-20T0${hour}:05:03Z-hourly`)
  const store = stateStore(folder)
  for (const name of names) {
    const ballast = randomFillSync(Buffer.alloc(Math.max(4096, mebibytes * mebibyte)))
    writeFileSync(join(folder, 'states/0001/disk.raw'), ballast, { flush: true })
    await store.copy(join(folder, 'states/0001'), join(folder, 'snapshots', name), { readOnly: true })
  }
  return names
}

/** Another cartridge that lies beside the first one. */
async function beside(gondor: Gondor, name: string): Promise<void> {
  await gondor.withCartridge()
  renameSync(gondor.at(''), gondor.tree.data(`cartridges/${name}`))
  rmSync(gondor.tree.data('console'), { recursive: true })
  mkdirSync(gondor.tree.data(`cartridges/${name}/snapshots`))
}

async function onBtrfs(t: Test, bytes: number, ...others: string[]): Promise<Gondor> {
  const gondor = new Gondor(t, 'btrfs', { bytes })
  for (const name of others) await beside(gondor, name)
  await gondor.withCartridge()
  mkdirSync(gondor.at('snapshots'))
  return gondor
}

/** Writes a file so large that so many bytes are missing to the floor, which is a twentieth here. */
function fillTo(gondor: Gondor, missingBytes: number): void {
  const folder = gondor.tree.data('.')
  execFileSync('btrfs', ['filesystem', 'sync', folder])
  const { bavail, blocks, bsize } = statfsSync(folder)
  const size = Math.floor(bavail * bsize - (blocks * bsize) / 20 + missingBytes)
  execFileSync('fallocate', ['--length', String(size), gondor.tree.data('ballast')])
  execFileSync('btrfs', ['filesystem', 'sync', folder])
}

const left = (gondor: Gondor, cartridge = 'gondor') =>
  readdirSync(gondor.tree.data(`cartridges/${cartridge}/snapshots`)).sort()

t.test('no more of the trash goes than a moment needs, though btrfs frees it later', { skip }, async (t) => {
  const trash = ['old', 'older', 'oldest']
  const gondor = await onBtrfs(t, 1024 * mebibyte, ...trash)
  for (const [age, name] of trash.entries()) {
    await snapshots(gondor, name, 1, 60)
    renameSync(
      gondor.tree.data(`cartridges/${name}`),
      gondor.tree.data(`cartridges/.trash-${name}-2026-11-2${3 - age}T21:05:03Z`),
    )
  }
  fillTo(gondor, 30 * mebibyte)
  await takeSnapshot(gondor.machine, 'gondor', { kind: 'manual' })
  const entries = readdirSync(gondor.tree.data('cartridges')).filter((name) => name.startsWith('.trash'))
  t.same(entries, ['.trash-old-2026-11-23T21:05:03Z', '.trash-older-2026-11-22T21:05:03Z'])
})

t.test('no more moments go than are needed, whatever is known of their sizes', { skip }, async (t) => {
  const gondor = await onBtrfs(t, 1024 * mebibyte)
  const taken = await snapshots(gondor, 'gondor', 8, 40)
  fillTo(gondor, 50 * mebibyte)
  const { removed } = await prune(gondor.machine, 'gondor')
  t.same(removed, taken.slice(0, 2))
  t.same(left(gondor), taken.slice(2))
})

t.test(
  'what no rule keeps goes first, also of an idle cartridge, and one that is busy is skipped',
  { skip },
  async (t) => {
    const gondor = await onBtrfs(t, 1024 * mebibyte, 'rohan', 'mordor')
    gondor.tree.writeData('deskvisor.toml', keepOne)
    const idle = await snapshots(gondor, 'rohan', 3, 40)
    const busy = await snapshots(gondor, 'mordor', 3, 40)
    const own = await snapshots(gondor, 'gondor', 1, 1)
    fillTo(gondor, 50 * mebibyte)
    const descriptor = lockFolder(gondor.tree.data('cartridges/mordor'))
    t.match(await makeRoomForSnapshots(gondor.machine), { removed: idle.slice(0, 2), enough: true })
    closeSync(descriptor ?? -1)
    t.same([left(gondor, 'rohan'), left(gondor, 'mordor'), left(gondor)], [idle.slice(2), busy, own])
  },
)

t.test(
  'when nothing else is left, the oldest moments of idle cartridges go before the moment does',
  { skip },
  async (t) => {
    const gondor = await onBtrfs(t, 1024 * mebibyte, 'rohan')
    const idle = await snapshots(gondor, 'rohan', 5, 40)
    fillTo(gondor, 30 * mebibyte)
    const taken = await takeSnapshot(gondor.machine, 'gondor', { kind: 'manual' })
    t.same(left(gondor), [taken?.name])
    t.same(left(gondor, 'rohan'), idle.slice(1))
  },
)

t.test('once a day, retention looks at the cartridges that nobody plays', async (t) => {
  const gondor = new Gondor(t, 'copy')
  await beside(gondor, 'rohan')
  await gondor.withCartridge()
  mkdirSync(gondor.at('snapshots'))
  gondor.tree.writeData('deskvisor.toml', keepOne)
  const idle = await snapshots(gondor, 'rohan', 3, 0)
  const own = await snapshots(gondor, 'gondor', 3, 0)
  await pruneOthers(gondor.machine, 'gondor')
  t.same([left(gondor, 'rohan'), left(gondor)], [idle.slice(2), own])
})

t.test('one floor for everything: nothing new is made below it, and no moment goes for it', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  mkdirSync(gondor.at('snapshots'))
  const taken = await snapshots(gondor, 'gondor', 3, 0)
  gondor.tree.write('usr/share/OVMF/OVMF_VARS_4M.fd', 'variables')
  gondor.tree.writeData('deskvisor.toml', `${keepOne}free_floor_gib = 1000000\n`)
  const { machine, name } = gondor
  const refused = {
    code: 'no-space',
    message: /^Only .* are free, and 1000000\.0 GiB must stay free, so nothing new is made\.$/,
  }
  await t.rejects(createCartridge({ machine, name: 'rohan', sizeBytes: mebibyte }), refused)
  await t.rejects(cloneCartridge({ machine, name, newName: 'rohan' }), refused)
  await t.rejects(growDisk(machine, name, mebibyte), refused)
  t.same(left(gondor), taken)
})

t.test('a plain copy begins only when it fits above the floor', async (t) => {
  const { copyDisk } = await import('../../../orchestrator/cartridges/disks/copy-disk.ts')
  const gondor = await new Gondor(t, 'copy').withCartridge()
  gondor.tree.writeData('deskvisor.toml', '[snapshots]\nfree_floor_gib = 1000000\n')
  const target = gondor.at('copy.raw')
  // From procfs no block can be shared, so the plain way is taken.
  await t.rejects(
    copyDisk('/proc/cpuinfo', target, 512, 512, () => {}),
    { code: 'no-space', message: /only 0 MiB are free beside the 1000000\.0 GiB that must stay free\.$/ },
  )
  t.notOk(existsSync(target))
})

t.test('while nobody knows which moment is golden, none goes', async (t) => {
  for (const text of ['', '{"golden": ', '[]', '{"golden": 7}']) {
    const gondor = await new Gondor(t, 'copy').withCartridge()
    mkdirSync(gondor.at('snapshots'))
    const taken = await snapshots(gondor, 'gondor', 3, 0)
    gondor.tree.writeData('deskvisor.toml', `${keepOne}free_floor_gib = 1000000\n`)
    writeFileSync(gondor.at('cartridge.json'), text)
    t.same(await prune(gondor.machine, gondor.name), { removed: [] }, text)
    t.same(left(gondor), taken)
  }
})

t.test('a clock that is a year ahead does not end that a going back can be undone', async (t) => {
  const gondor = await new Gondor(t, 'copy').withCartridge()
  const saved = '2026-11-20T21:05:03Z-before-rollback'
  writeFileSync(gondor.at('present/state.json'), JSON.stringify({ from: 'x', saved }))
  const opened = openCartridge(gondor.machine, gondor.name)
  const week = (number: number) => ({
    name: `week ${number}`,
    takenAt: new Date(Date.parse('2026-11-20T21:05:03Z') + number * 7 * 86_400_000).toISOString(),
  })
  const own = { name: saved, takenAt: week(0).takenAt }
  const isProtected = (now: string, ...after: number[]) =>
    saved in protectedSnapshots(opened, [...after.map(week).reverse(), own], new Date(now)).protect
  t.ok(isProtected('2026-12-01T00:00:00Z', 1), 'eleven days later')
  t.ok(
    isProtected('2027-12-01T00:00:00Z', 0, 52),
    'the clock jumped: a moment of today, and one of next year',
  )
  t.notOk(isProtected('2026-12-25T00:00:00Z', 1, 2, 3, 4), 'five weeks in which the machine was used')
})
