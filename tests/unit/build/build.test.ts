import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Keys } from '../../scenarios/start/terminal.ts'

const build = (name: string) => import(join(import.meta.dirname, `../../../build/${name}.mjs`))
const moduleUrl = (name: string) => new URL(`../../../build/${name}.mjs`, import.meta.url).href

const able = {
  user: 'sam',
  hasHelper: true,
  hasIds: true,
  restrictedByAppArmor: false,
  switchedOff: false,
  most: 1000,
}

t.test('an ordinary user who cannot build is told why, and the one line that helps', async (t) => {
  const { whyNoNamespace } = await build('namespace')
  for (const [lacks, line] of [
    [{ hasHelper: false }, 'sudo apt-get install --yes uidmap'],
    [{ restrictedByAppArmor: true }, 'sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0'],
    [{ switchedOff: true }, 'sudo sysctl --write kernel.unprivileged_userns_clone=1'],
    [{ most: 0 }, 'sudo sysctl --write user.max_user_namespaces=10000'],
    [{ hasIds: false }, 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 sam'],
  ] as const) {
    const text: string = whyNoNamespace({ ...able, ...lacks }, '')
    const lines = text.split('\n').filter((candidate) => candidate.startsWith('    '))
    t.same(lines, [`    ${line}`])
  }
  t.match(whyNoNamespace(able, 'unshare: it is Monday'), /sam cannot .*it is Monday\nAs root/)
})

t.test('a failed build says what to do', async (t) => {
  const { adviceFor } = await build('advice')
  t.match(adviceFor('cp: error writing: No space left on device'), /make room/)
  t.match(adviceFor('E: Failed to fetch http://a/b  Could not resolve host'), /network/)
  t.match(adviceFor('mkosi ended with SIGKILL'), /memory/)
  t.match(adviceFor('something else'), /Run the same command again/)
})

t.test('a virtual PC that failed is not to be started in the same way again', async (t) => {
  const { adviceForStart } = await build('advice')
  t.match(adviceForStart({ boot: true, window: true, hasScreen: true }), /^Run npm start without --window/)
  t.match(adviceForStart({ boot: false, window: false, hasScreen: true }), /--boot --window/)
  for (const boot of [true, false])
    t.notMatch(adviceForStart({ boot, window: false, hasScreen: false }), /--window|--boot/)
})

t.test('a terminal that is too small for all of the menu is told so', async (t) => {
  const { smallTerminal } = await build('advice')
  t.same(smallTerminal({ isTTY: true, columns: 80, rows: 24 }), [])
  t.same(smallTerminal({ isTTY: false }), [])
  for (const [columns, rows] of [
    [40, 12],
    [79, 50],
    [200, 23],
  ])
    t.match(smallTerminal({ isTTY: true, columns, rows }).join(' '), `${columns}×${rows} characters.`)
})

t.test('a window is refused at once where there is no screen', async (t) => {
  const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' }
  const words = [join(import.meta.dirname, '../../../build.mjs'), 'run', '--window']
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: 'utf8' })
  t.equal(status, 1)
  t.equal(stdout, '', 'nothing was begun')
  t.match(stderr, /^\nThere is no screen to show a window on \(.*DISPLAY.*\)\./)
})

t.test('an option is understood without the two dashes before it', async (t) => {
  const { withNpmWords } = await build('npm-words')
  const options = ['--boot', '--fresh', '--no-scenarios']
  t.same(withNpmWords([], options, { npm_config_boot: 'true', npm_config_yes: 'true' }), ['--boot'])
  t.same(withNpmWords(['--boot'], options, { npm_config_boot: 'true' }), ['--boot'])
  t.same(withNpmWords([], options, { npm_config_scenarios: '' }), ['--no-scenarios'])
  t.same(withNpmWords(['--fresh'], options, {}), ['--fresh'])
})

t.test('help fits in a terminal', async (t) => {
  for (const name of ['run', 'test']) {
    const words = [join(import.meta.dirname, '../../../build.mjs'), name, '--help']
    const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
    for (const line of stdout.split('\n')) t.ok(line.length <= 80, line)
  }
})

t.test('of two steps at once both can be read', async (t) => {
  const { statusLine } = await build('progress')
  const image = ['Image', `installing ${'packages '.repeat(20)}`]
  const guest = ['Test guest', 'building']
  const line: string = statusLine('0:30    ', [image, guest], 79)
  t.match(line, /^0:30 {4}Image: installing .*… · Test guest: building$/)
  t.equal(line.length, 79)
  t.match(statusLine('0:30    ', [image, image], 79), /^0:30 {4}Image: [^·]{20,}… · Image: [^·]{20,}…$/)
  t.equal(statusLine('0:30    ', [guest], 79), '0:30    Test guest: building')
})

t.test('what is half-made goes with its maker, also when that was killed', async (t) => {
  const folder = t.testdir()
  const script = `import { unfinishedFolder } from '${moduleUrl('unfinished')}'
    console.log(unfinishedFolder(${JSON.stringify(folder)}))
    if (process.argv.includes('stay')) setInterval(() => {}, 1000)`
  const args = ['--input-type=module', '--eval', script]

  const ended = spawnSync(process.execPath, args, { encoding: 'utf8' })
  t.equal(ended.stderr, '')
  t.notOk(existsSync(ended.stdout.trim()), 'ended')

  const killed = spawn(process.execPath, [...args, 'stay'])
  const [path] = await once(killed.stdout.setEncoding('utf8'), 'data')
  mkdirSync(join(path.trim(), 'part'))
  writeFileSync(join(path.trim(), 'part/of'), 'something')
  t.ok(existsSync(path.trim()), 'at work')
  spawnSync(process.execPath, args)
  t.ok(existsSync(join(path.trim(), 'part/of')), 'others leave alone what is at work')
  killed.kill('SIGKILL')
  await once(killed, 'close')
  spawnSync(process.execPath, args)
  t.same(readdirSync(join(folder, 'unfinished')), [], 'the next one sweeps')
})

t.test('only what a build made is swept, and only from a folder of its own', async (t) => {
  const folder = t.testdir({
    unfinished: { notes: 'of somebody' },
    other: {},
    link: t.fixture('symlink', 'other'),
  })
  const use = (work: string) =>
    spawnSync(process.execPath, [
      ...['--input-type=module', '--eval'],
      `import { privateFolder, unfinishedFolder } from '${moduleUrl('unfinished')}'\n${work}`,
    ])
  t.equal(use(`unfinishedFolder(${JSON.stringify(folder)})`).status, 0)
  t.same(readdirSync(join(folder, 'unfinished')), ['notes'])
  t.equal(use(`privateFolder(${JSON.stringify(join(folder, 'new'))})`).status, 0)
  t.equal(statSync(join(folder, 'new')).mode & 0o777, 0o700)
  t.match(
    use(`privateFolder(${JSON.stringify(join(folder, 'link'))})`).stderr.toString(),
    /not a folder of this user/,
  )
})

t.test('one build at a time, and a killed one holds nobody up', async (t) => {
  const folder = t.testdir()
  const script = `import { withLock } from '${moduleUrl('lock')}'
    await withLock(${JSON.stringify(join(folder, 'lock'))}, async () => {
      console.log('mine')
      if (process.argv.includes('stay')) await new Promise(() => setInterval(() => {}, 1000))
    })`
  const start = (...words: string[]) =>
    spawn(process.execPath, ['--input-type=module', '--eval', script, ...words])
  const first = start('stay')
  await once(first.stdout, 'data')
  const second = start()
  let said = ''
  second.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(second.stdout, 'data')
  t.match(said, /another build is running/)
  t.notMatch(said, /mine/)
  first.kill('SIGKILL')
  const [status] = await once(second, 'close')
  t.equal(status, 0)
  t.match(said, /mine/)
})

t.test('Ctrl-A, then X, ends the PC; everything else is typed into it', async (t) => {
  const take = (...pieces: string[]) => {
    const keys = new Keys()
    return pieces.map((piece) => {
      const { toPc, ends } = keys.take(Buffer.from(piece))
      return [toPc.toString(), ends]
    })
  }
  t.same(take('x', '\x1b[A'), [
    ['x', false],
    ['\x1b[A', false],
  ]) // prettier-ignore
  t.same(take('\x01x'), [['', true]])
  t.same(take('y\x01', 'X'), [
    ['y', false],
    ['', true],
  ]) // prettier-ignore
  t.same(take('\x01\x01x'), [['\x01x', false]])
  t.same(take('\x01c', 'x'), [
    ['', false],
    ['x', false],
  ]) // prettier-ignore
})

t.test('the steps of a build are counted as they are', async (t) => {
  const { imageSteps } = await build('image')
  const names = ['generate', 'bundle', 'binary', 'code-cache', 'boot-picture', 'image']
  const files = names
    .map((name) => join(import.meta.dirname, `../../../build/${name}.mjs`))
    .filter((file) => existsSync(file))
  const steps = files.flatMap((file) => readFileSync(file, 'utf8').match(/(?:await|return) step\(/g) ?? [])
  // The tools tree is one without step().
  t.equal(imageSteps, steps.length + 1)
})
