import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { vmdkDescriptorProblem } from '../../../orchestrator/cartridges/import/image-headers.ts'
import { neededBytes } from '../../../orchestrator/cartridges/import/partition-table.ts'
import {
  importCartridge,
  interruption,
  listCartridges,
  type Progress,
} from '../../../orchestrator/cartridges/index.ts'
import { until } from '../../scenarios/fair-time.ts'
import { compressed, cutOff, imageOf, rawDisk } from '../fixtures/images.ts'
import { Tree } from '../fixtures/tree.ts'

function take(tree: Tree, file: string, more: { signal?: AbortSignal; onProgress?: Progress } = {}) {
  return importCartridge({ machine: tree.machine, file, name: 'gondor', ...more })
}

async function expectRefused(t: Test, tree: Tree, file: string, message: RegExp) {
  await t.rejects(take(tree, file), { code: 'bad-disk', exitCode: 2, message })
  t.same(readdirSync(tree.data('cartridges')), [], 'nothing is left')
}

const images: [format: string, options: string[]][] = [
  ['qcow2', []],
  ['qcow2', ['-c']],
  ['qcow2', ['-o', 'compat=0.10']],
  ['vmdk', []],
  ['vmdk', ['-o', 'subformat=streamOptimized']],
  ['vhdx', []],
]
for (const [format, options] of images) {
  t.test(`a ${format} image ${options.join(' ')} becomes the same disk`, async (t) => {
    const tree = new Tree(t)
    const raw = rawDisk(tree)
    const seen: number[] = []
    const { disk } = await importCartridge({
      machine: tree.machine,
      file: imageOf(tree, raw, format, options),
      name: 'gondor',
      onProgress: (done, total) => seen.push(done / total),
    })
    t.ok(readFileSync(disk).equals(readFileSync(raw)))
    t.ok(statSync(disk).blocks * 512 < 5_000_000, 'holes stay holes')
    t.same(seen, seen.toSorted(), 'progress only grows')
    t.equal(seen.at(-1), 1)
    t.equal(statSync(disk).mode & 0o777, 0o600)
  })
}

for (const as of ['xz', 'gz', 'zst'] as const) {
  t.test(`a raw disk in .${as} is written directly`, async (t) => {
    const tree = new Tree(t)
    const raw = rawDisk(tree)
    const { disk } = await take(tree, compressed(tree, raw, as))
    t.ok(readFileSync(disk).equals(readFileSync(raw)))
    t.ok(statSync(disk).blocks * 512 < 5_000_000, 'zeros become holes')
  })
  t.test(`a qcow2 image in .${as} is found there`, async (t) => {
    const tree = new Tree(t)
    const raw = rawDisk(tree)
    const { disk, folder } = await take(tree, compressed(tree, imageOf(tree, raw, 'qcow2'), as))
    t.ok(readFileSync(disk).equals(readFileSync(raw)))
    t.notOk(existsSync(`${folder}/spool`))
  })
  t.test(`a .${as} file that was cut off or damaged is refused`, async (t) => {
    const tree = new Tree(t)
    const file = compressed(tree, rawDisk(tree), as)
    await expectRefused(t, tree, cutOff(tree, file, statSync(file).size - 9), /is damaged or cut off/)
    const bytes = readFileSync(file)
    bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 200)
    await expectRefused(t, tree, tree.write('damaged', bytes), /is damaged or cut off/)
  })
}

t.test('several zstd frames and gzip members one after the other are one disk', async (t) => {
  for (const as of ['zst', 'gz', 'xz'] as const) {
    const tree = new Tree(t)
    const raw = rawDisk(tree, 'half.raw', 4)
    const half = readFileSync(compressed(tree, raw, as))
    const { disk } = await take(tree, tree.write('twice', Buffer.concat([half, half])))
    t.equal(statSync(disk).size, 8 * 1024 * 1024, as)
  }
})

t.test('refuses what is not a disk', async (t) => {
  const tree = new Tree(t)
  execFileSync('mkfifo', [tree.at('pipe')])
  mkdirSync(tree.at('folder'))
  symlinkSync(tree.at('loop'), tree.at('loop'))
  tree.write('empty', '')
  tree.write('a.zip', 'PK\x03\x04')
  tree.write('a.vdi', '<<< Oracle VM VirtualBox Disk Image >>>')
  tree.write('a.vmdk', '# Disk DescriptorFile\nRW 100 FLAT "/etc/shadow" 0\n')
  tree.write('a.ova', Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar')]))
  const twice = compressed(tree, compressed(tree, rawDisk(tree), 'gz'), 'xz')
  for (const [file, message] of [
    [tree.at('pipe'), /neither a file nor a block device/],
    [tree.at('folder'), /is a folder/],
    [tree.at('loop'), /cannot be opened/],
    [tree.at('nowhere'), /cannot be opened/],
    [tree.at('empty'), /is empty/],
    [tree.at('a.zip'), /is a zip archive/],
    [tree.at('a.vdi'), /VirtualBox/],
    [tree.at('a.vmdk'), /in other files/],
    [tree.at('a.ova'), /tar archive/],
    [twice, /compressed twice/],
    [compressed(tree, tree.at('a.zip'), 'xz'), /is a zip archive/],
    [compressed(tree, tree.at('empty'), 'gz'), /is empty inside/],
    ['/dev/zero', /neither a file nor a block device/],
  ] as const) {
    await expectRefused(t, tree, file, message)
  }
})

/** An image of 24 MiB whose header was changed by hand. */
function changed(
  tree: Tree,
  format: string,
  change: (bytes: Buffer) => void,
  options: string[] = [],
): string {
  const bytes = readFileSync(imageOf(tree, rawDisk(tree), format, options))
  change(bytes)
  return tree.write('changed', bytes)
}

/** An image that holds only its difference to a file of the machine. */
function backedByPasswords(tree: Tree): string {
  const image = tree.at('backed')
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', '/etc/passwd', image])
  return image
}

t.test('what is refused at sight is not decompressed any further', async (t) => {
  const tree = new Tree(t)
  const noise = tree.write('noise', randomBytes(2 * 1024 * 1024))
  const twice = compressed(tree, compressed(tree, noise, 'gz'), 'zst')
  await expectRefused(t, tree, twice, /compressed twice/)
  await until('the end of zstd', () => !process.getActiveResourcesInfo().includes('ProcessWrap'), {
    limitS: 60,
    everyMs: 5,
  })
  t.same(readdirSync(tree.data('cartridges')), [])
})

t.test('an image that reads other files is refused before anything opens it', async (t) => {
  const tree = new Tree(t)
  await expectRefused(t, tree, backedByPasswords(tree), /only the difference to another disk image/)
  const data = ['create', '-q', '-f', 'qcow2', '-o', `data_file=${tree.at('data')}`, tree.at('outside'), '8M']
  execFileSync('qemu-img', data)
  await expectRefused(t, tree, tree.at('outside'), /keeps its data in another file/)
  const flat = ['create', '-q', '-f', 'vmdk', '-o', 'subformat=monolithicFlat', tree.at('flat.vmdk'), '8M']
  execFileSync('qemu-img', flat)
  await expectRefused(t, tree, tree.at('flat.vmdk'), /in other files/)
  const parent = rawDisk(tree)
  const base = imageOf(tree, parent, 'vmdk')
  execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', '-F', 'vmdk', '-b', base, tree.at('child.vmdk')])
  await expectRefused(t, tree, tree.at('child.vmdk'), /only the difference to another disk image/)
})

t.test('the same is refused inside of a compressed file', async (t) => {
  const tree = new Tree(t)
  await expectRefused(t, tree, compressed(tree, backedByPasswords(tree), 'zst'), /only the difference/)
})

t.test('a vmdk header that sends QEMU to its description is refused, also the one at the end', async (t) => {
  const tree = new Tree(t)
  const noSize = changed(tree, 'vmdk', (bytes) => bytes.fill(0, 12, 20))
  await expectRefused(t, tree, noSize, /in other files/)
  const inFooter = changed(
    tree,
    'vmdk',
    (bytes) => {
      bytes.fill(0xff, 56, 64)
      const footer = Buffer.from(bytes.subarray(0, 512))
      footer.fill(0, 12, 20)
      footer.copy(bytes, bytes.length - 1024)
    },
    ['-o', 'subformat=streamOptimized'],
  )
  await expectRefused(t, tree, inFooter, /in other files/)
  t.equal(vmdkDescriptorProblem(Buffer.from('RW 2048 SPARSE "a.vmdk"\n\0')), undefined)
  for (const text of ['RW 9 FLAT "x" 0', 'RW 9 SPARSE "a"\nRW 9 SPARSE "b"', 'RDONLY 1 VMFS "/dev/sda"']) {
    t.match(vmdkDescriptorProblem(Buffer.from(text)), /other files/)
  }
})

t.test('encrypted, corrupt, unclosed and unknown qcow2 images are refused', async (t) => {
  const tree = new Tree(t)
  for (const [change, message] of [
    [(bytes: Buffer) => bytes.writeUInt32BE(2, 32), /is encrypted/],
    [(bytes: Buffer) => bytes.writeUInt8(1, 79), /not closed properly/],
    [(bytes: Buffer) => bytes.writeUInt8(2, 79), /marked as corrupt/],
    [(bytes: Buffer) => bytes.writeUInt32BE(9, 4), /version 9/],
    [(bytes: Buffer) => bytes.fill(0xff, 65_536 * 2, 65_536 * 5), /is damaged or cut off|not a sound qcow2/],
    [(bytes: Buffer) => bytes.fill(0xff, 40, 48), /not a sound qcow2/],
  ] as const) {
    await expectRefused(t, tree, changed(tree, 'qcow2', change), message)
  }
})

for (const format of ['qcow2', 'vmdk', 'vhdx']) {
  t.test(`a ${format} image that was cut off is refused`, async (t) => {
    const tree = new Tree(t)
    const file = imageOf(tree, rawDisk(tree), format)
    const { size } = statSync(file)
    for (const bytes of [40, 600, Math.floor(size / 2 / 512) * 512, size - 200_000, size - 1]) {
      await expectRefused(t, tree, cutOff(tree, file, bytes), /cut off|not a sound/)
    }
  })
}

t.test('an image that was never written to is an empty disk', async (t) => {
  for (const format of ['qcow2', 'vmdk', 'vhdx']) {
    const tree = new Tree(t)
    execFileSync('qemu-img', ['create', '-q', '-f', format, tree.at('fresh'), '24M'])
    const { disk } = await take(tree, tree.at('fresh'))
    t.equal(statSync(disk).size, 24 * 1024 * 1024, format)
    t.ok(statSync(disk).blocks * 512 <= 65_536)
  }
})

t.test('a raw disk that is shorter than its partition table says is refused', async (t) => {
  const tree = new Tree(t)
  const raw = rawDisk(tree)
  const bytes = readFileSync(raw)
  bytes.write('55aa', 510, 'hex')
  bytes.writeUInt8(0x83, 450)
  bytes.writeUInt32LE(2048, 454)
  bytes.writeUInt32LE(20 * 2048, 458)
  const file = tree.write('mbr.raw', bytes)
  t.equal(neededBytes(bytes), 21 * 1024 * 1024)
  await expectRefused(t, tree, cutOff(tree, file, 20 * 1024 * 1024), /was cut off: its partition table needs/)
  await expectRefused(t, tree, compressed(tree, cutOff(tree, file, 20 * 1024 * 1024), 'zst'), /was cut off/)
  await take(tree, file)
})

t.test('a GPT counts when its checksum is right', async (t) => {
  const disk = Buffer.alloc(64 * 1024)
  disk.write('EFI PART', 512, 'latin1')
  disk.writeUInt32LE(92, 512 + 12)
  disk.writeBigUInt64LE(99_999n, 512 + 32)
  t.equal(neededBytes(disk), 0, 'a wrong checksum: somebody else may have written that')
  const { crc32 } = await import('node:zlib')
  disk.writeUInt32LE(crc32(disk.subarray(512, 512 + 92)), 512 + 16)
  t.equal(neededBytes(disk), 100_000 * 512)
})

t.test('a disk beyond what the machine can ever hold is refused, in every wrapping', async (t) => {
  const tree = new Tree(t)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', tree.at('huge.qcow2'), '17T'])
  const { blocks, bsize } = statfsSync(tree.root)
  // A file of its own must still be possible on this filesystem.
  const raw = Math.min(4 * blocks * bsize + 2 ** 30, 15 * 2 ** 40)
  execFileSync('truncate', ['-s', String(raw), tree.at('huge.raw')])
  for (const file of [
    tree.at('huge.qcow2'),
    tree.at('huge.raw'),
    compressed(tree, tree.at('huge.qcow2'), 'xz'),
  ]) {
    await t.rejects(take(tree, file), { code: 'bad-size', exitCode: 2 })
    t.same(readdirSync(tree.data('cartridges')), [])
  }
})

t.test('cancelling leaves nothing, whatever is under way', async (t) => {
  const tree = new Tree(t)
  const raw = rawDisk(tree, 'source.raw', 60)
  const sources = [raw, compressed(tree, raw, 'xz'), compressed(tree, raw, 'gz'), imageOf(tree, raw, 'qcow2')]
  for (const file of sources) {
    const controller = new AbortController()
    const cancelled = take(tree, file, {
      signal: controller.signal,
      onProgress: () => controller.abort(),
    })
    await t.rejects(cancelled, { code: 'cancelled' }, file)
    t.same(readdirSync(tree.data('cartridges')), [])
  }
  const early = take(tree, raw, { signal: AbortSignal.abort() })
  await t.rejects(early, { code: 'cancelled' })
  t.same(readdirSync(tree.data('cartridges')), [])
})

/** An import of what comes through `input`, as if that were the standard input of this process. */
async function takeFrom(input: Readable, ...[tree, ...more]: TakeFrom) {
  const own = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor
  Object.defineProperty(process, 'stdin', { value: input, configurable: true })
  try {
    return await take(tree, '-', ...more)
  } finally {
    Object.defineProperty(process, 'stdin', own)
  }
}
type TakeFrom = [tree: Tree, more?: Parameters<typeof take>[2]]

t.test('standard input: a raw disk, a compressed one, an image, and nothing', async (t) => {
  const tree = new Tree(t)
  const raw = rawDisk(tree)
  const image = imageOf(tree, raw, 'qcow2')
  for (const file of [raw, compressed(tree, raw, 'zst'), image, compressed(tree, image, 'xz')]) {
    const totals = new Set<number>()
    const onProgress: Progress = (_, total) => totals.add(total)
    const { disk } = await takeFrom(createReadStream(file), tree, { onProgress })
    t.ok(totals.has(0), 'the total is not known')
    t.ok(readFileSync(disk).equals(readFileSync(raw)))
    execFileSync('rm', ['-r', tree.data('cartridges/gondor')])
  }
  const empty = takeFrom(Readable.from([]), tree)
  await t.rejects(empty, { code: 'bad-disk', message: 'Standard input is empty.' })
  const cut = takeFrom(createReadStream(image, { end: 700_000 }), tree)
  await t.rejects(cut, { code: 'bad-disk' })
  t.same(readdirSync(tree.data('cartridges')), [])
})

for (const as of ['raw', 'xz', 'gz', 'zst', 'nothing'] as const) {
  t.test(`cancelling a pipe that stalls, after ${as}, ends it and leaves nothing`, async (t) => {
    const tree = new Tree(t)
    const noise = tree.write('noise', randomBytes(1024 * 1024))
    const file = as === 'raw' || as === 'nothing' ? noise : compressed(tree, noise, as)
    const controller = new AbortController()
    let done = 0
    // The pipe is never closed: whatever waited for its end would wait for ever.
    const input = new PassThrough()
    const onProgress: Progress = (bytes) => {
      done = bytes
    }
    const cancelled = takeFrom(input, tree, { signal: controller.signal, onProgress })
    if (as !== 'nothing') input.write(readFileSync(file).subarray(0, 512 * 1024))
    const stalls = () => input.readableLength === 0 && input.listenerCount('readable') > 0
    while (!stalls() || (as !== 'nothing' && done === 0)) await sleep(5)
    controller.abort()
    await t.rejects(cancelled, { code: 'cancelled' })
    t.same(readdirSync(tree.data('cartridges')), [])
  })
}

t.test('an import that is told to end with the machine is kept, and goes on', async (t) => {
  const tree = new Tree(t)
  const file = rawDisk(tree, 'source.raw', 300)
  const controller = new AbortController()
  const onProgress = (done: number) => {
    if (done > 270 * 1024 * 1024 && done < 300 * 1024 * 1024) controller.abort(interruption())
  }
  const whole = { machine: tree.machine, file, name: 'gondor', signal: controller.signal, onProgress }
  const error = await importCartridge(whole).catch((reason: unknown) => reason)
  if (!controller.signal.aborted)
    return t.pass('nothing to interrupt', { skip: 'this filesystem shares blocks' })
  t.match(error, { code: 'interrupted', message: /is kept/, hint: /goes on/ })
  t.same(readdirSync(tree.data('cartridges')), ['.import-gondor'])
  const first: number[] = []
  const again = { ...whole, signal: new AbortController().signal }
  const { disk } = await importCartridge({ ...again, onProgress: (done) => first.push(done) })
  t.ok(Number(first[0]) > 256 * 1024 * 1024, 'it does not begin anew')
  t.ok(readFileSync(disk).equals(readFileSync(file)))
})

t.test('what cannot go on is not kept either way', async (t) => {
  const tree = new Tree(t)
  const controller = new AbortController()
  const file = compressed(tree, rawDisk(tree, 'source.raw', 60), 'xz')
  const onProgress = () => controller.abort(interruption())
  const whole = importCartridge({
    machine: tree.machine,
    file,
    name: 'gondor',
    signal: controller.signal,
    onProgress,
  })
  await t.rejects(whole, { code: 'interrupted', message: /nothing was kept/ })
  t.same(readdirSync(tree.data('cartridges')), [])
})

/** An import in a process of its own, so that it can be killed. */
function importInProcess(tree: Tree, file: string, wait: string) {
  const room = new URL('../../../orchestrator/cartridges/index.ts', import.meta.url).href
  const script = `import { importCartridge } from ${JSON.stringify(room)}
    const onProgress = (done, total) => { process.stdout.write(done + '/' + total + '\\n'); ${wait} }
    await importCartridge({ machine: ${tree.machineCode}, file: ${JSON.stringify(file)}, name: 'gondor', onProgress })
    process.stdout.write('done\\n')`
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** An import that was killed after it had written down how far it came: 256 MiB of 300. */
async function killedImport(t: Test) {
  const tree = new Tree(t)
  const raw = rawDisk(tree, 'source.raw', 300)
  // Blocks are not shared with another filesystem, so bytes must be copied; a slow reader leaves time to kill.
  const child = importInProcess(tree, raw, 'if (done > 270 * 1048576) while (true);')
  let output = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    output += text
    if (/^28\d{7}\//m.test(output)) break
    if (output.includes('done')) break
  }
  child.kill('SIGKILL')
  await once(child, 'close')
  return { tree, raw, shared: output.includes('done') }
}

t.test('an interrupted import of the same file goes on where it was', async (t) => {
  const { tree, raw, shared } = await killedImport(t)
  if (shared) return t.pass('nothing to interrupt', { skip: 'this filesystem shares blocks' })
  t.same(listCartridges(tree.machine), [])
  const first: number[] = []
  const { disk, folder } = await importCartridge({
    machine: tree.machine,
    file: raw,
    name: 'gondor',
    onProgress: (done) => first.push(done),
  })
  t.ok(Number(first[0]) > 256 * 1024 * 1024, 'it does not begin anew')
  t.ok(readFileSync(disk).equals(readFileSync(raw)))
  t.same(readdirSync(folder).sort(), ['cartridge.json', 'present', 'snapshots', 'states'])
})

t.test('a file that was changed since is imported from its beginning', async (t) => {
  const { tree, raw, shared } = await killedImport(t)
  if (shared) return t.pass('nothing to interrupt', { skip: 'this filesystem shares blocks' })
  utimesSync(raw, new Date(0), new Date(0))
  appendFileSync(raw, Buffer.alloc(512, 'z'))
  const first: number[] = []
  const { disk } = await take(tree, raw, {
    onProgress: (...[done]: number[]) => first.push(Number(done)),
  } as never)
  t.ok(Number(first[0]) < 10_000_000)
  t.ok(readFileSync(disk).equals(readFileSync(raw)))
})

t.test('an interrupted import is swept by one under another name', async (t) => {
  const { tree, raw, shared } = await killedImport(t)
  if (shared) return t.pass('nothing to interrupt', { skip: 'this filesystem shares blocks' })
  t.same(readdirSync(tree.data('cartridges')), ['.import-gondor'])
  await importCartridge({ machine: tree.machine, file: raw, name: 'rohan' })
  t.same(readdirSync(tree.data('cartridges')), ['rohan'])
})

t.test('a resume record that lies is not believed', async (t) => {
  const tree = new Tree(t)
  const raw = rawDisk(tree)
  for (const record of ['{', '[]', '{"source":"x","done":5}', '{"source":7,"done":-1}', '"\u001b[2J"']) {
    tree.writeData('cartridges/.import-gondor/import.json', record)
    tree.writeData('cartridges/.import-gondor/states/0001/disk.raw', 'evil')
    const { disk } = await take(tree, raw)
    t.ok(readFileSync(disk).equals(readFileSync(raw)))
    execFileSync('rm', ['-r', tree.data('cartridges/gondor')])
  }
})

t.test('while one import is under way, another name can be imported, and the same one cannot', async (t) => {
  const tree = new Tree(t)
  const input = new PassThrough()
  const { promise: begun, resolve } = Promise.withResolvers<void>()
  const first = takeFrom(input, tree, { onProgress: () => resolve() })
  input.write(Buffer.alloc(200_000, 1))
  await begun
  const raw = rawDisk(tree)
  await t.rejects(importCartridge({ machine: tree.machine, file: raw, name: 'GONDOR' }), { code: 'busy' })
  await importCartridge({ machine: tree.machine, file: raw, name: 'rohan' })
  input.end()
  t.match(await first, { name: 'gondor' })
  t.same(
    listCartridges(tree.machine).map(({ name }) => name),
    ['gondor', 'rohan'],
  )
})

t.test('a hostile name of a file is only a name', async (t) => {
  const tree = new Tree(t)
  const image = imageOf(tree, rawDisk(tree), 'qcow2')
  for (const name of ['json:{"driver":"nbd"}', '-n', 'fat:rw:x', "a,b 'c'.qcow2"]) {
    mkdirSync(tree.at('odd'), { recursive: true })
    writeFileSync(tree.at(`odd/${name}`), readFileSync(image))
    const before = process.cwd()
    process.chdir(tree.at('odd'))
    try {
      const { disk } = await take(tree, name)
      t.ok(statSync(disk).size > 0, name)
    } finally {
      process.chdir(before)
    }
    execFileSync('rm', ['-r', tree.data('cartridges/gondor')])
  }
})
