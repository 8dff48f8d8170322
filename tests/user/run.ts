// Every step of the README's two commands, as somebody who may do nothing but build: `node tests/user/run.ts`. Root is needed to make the user.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { endOnSignals } from '../end-on-signals.ts'
import { limit } from '../scenarios/fair-time.ts'

const repository = join(import.meta.dirname, '../..')
const user = `deskvisor-${process.pid}`
const home = `/home/${user}`
const clone = join(home, 'clone')
/** Only root may look into it: nothing of the build may depend on others being let in. */
const homeMode = '0700'

process.exitCode = await main()

async function main(): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.log(
      `skipped, because making that user needs root: ${proofs().length} (building as an ordinary user)`,
    )
    console.log('0 passed, 0 failed')
    return 0
  }
  endOnSignals()
  process.once('exit', removeUser)
  const tests = proofs()
  let passed = 0
  try {
    makeUser()
    copySources()
    const obstacle = whyHeCannotBuild()
    if (obstacle !== null) {
      console.log(`skipped: ${tests.length} tests of building as an ordinary user:\n${obstacle}`)
      console.log('0 passed, 0 failed')
      return 0
    }
    for (const [sentence, prove] of tests) {
      const since = performance.now()
      await prove()
      console.log(`ok   user: ${sentence} (${Math.round((performance.now() - since) / 1000)} s)`)
      passed++
    }
  } catch (error) {
    console.log(`FAIL user: ${tests[passed]?.[0] ?? 'the user is made'}\n${(error as Error).message}`)
  } finally {
    process.removeListener('exit', removeUser)
    removeUser()
  }
  const failed = passed < tests.length ? 1 : 0
  console.log(`${passed} passed, ${failed} failed`)
  return failed
}

function proofs(): [string, () => Promise<void> | void][] {
  return [
    [
      'builds an image, in a home folder that is closed to others',
      () => {
        asUser('node', ['build.mjs', 'image'])
        for (const name of ['deskvisor.raw', 'test-guest.raw'])
          if (!existsSync(join(clone, 'dist', name))) throw new Error(`There is no dist/${name}`)
      },
    ],
    ['npm start ends at the menu', () => startsTheMenu()],
    [
      'npm test passes, but for scenarios, and tells what needs root',
      () => {
        const said = asUser('node', ['build.mjs', 'test', '--no-scenarios'])
        if (
          !/^skipped, because mounting disks needs root: 1 /m.test(said) ||
          !/ passed, 0 failed\s*$/.test(said)
        )
          throw new Error(said.slice(-3000))
      },
    ],
    [
      'leaves nothing half-made',
      () => {
        for (const folder of [`${clone}/dist`, `${home}/.cache/deskvisor`]) {
          const left = lines('find', [folder, '-maxdepth', '3', '-path', '*/unfinished/*'])
          if (left.length > 0) throw new Error(`Left behind:\n${left.join('\n')}`)
        }
      },
    ],
  ]
}

/** What is in the repository, what `npm ci` fetches, and what was fetched of Debian; all else is made by the user. */
function copySources(): void {
  mkdirSync(clone, { recursive: true })
  const sources = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout: names } = spawnSync('git', sources, { cwd: repository })
  const copying = ['--create', '--null', '--files-from=-', '--ignore-failed-read']
  const { stdout: archive } = spawnSync('tar', copying, { cwd: repository, input: names, maxBuffer: 1 << 28 })
  spawnSync('tar', ['--extract', '--directory', clone], { input: archive })
  run('git', ['init', '--quiet', clone])
  run('cp', ['--archive', join(repository, 'node_modules'), clone])
  const cache = process.env.DESKVISOR_CACHE ?? '/var/cache/deskvisor'
  mkdirSync(join(home, '.cache/deskvisor'), { recursive: true })
  for (const name of lines('ls', [cache]).filter((name) => /^(tools-\d+|packages)$/.test(name)))
    run('cp', ['--archive', join(cache, name), join(home, '.cache/deskvisor')])
  // What is root's here is root's in the user's namespace, too.
  run('chown', ['--recursive', '--no-dereference', '--from=root:root', `${user}:${user}`, home])
}

async function startsTheMenu(): Promise<void> {
  // What npm start does; there may be no npm that this user can see.
  const [file = '', ...args] = wordsAsUser('node', ['build.mjs', 'run'])
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close').then(() => undefined)
  let said = ''
  const { promise: atMenu, resolve } = Promise.withResolvers<true>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (/The virtual PC is yours[\s\S]*Start.{1,8}the.{1,8}desktop/.test(said)) resolve(true)
    })
  }
  const over = new AbortController()
  const tooLong = limit(3600, 'the menu', over.signal).catch(() => undefined)
  const reached = await Promise.race([atMenu, ended, tooLong])
  over.abort()
  // As a person ends it.
  if (reached) child.stdin.write('\x01x')
  else child.kill()
  await ended
  if (!reached) throw new Error(`npm start ended without the menu:\n${said.slice(-3000)}`)
}

/** What this system lacks for building as an ordinary user, in the words that he would be told. */
function whyHeCannotBuild(): string | null {
  const trial = `import('./build/namespace.mjs').then(({ asRoot }) => asRoot(['true'])).catch((error) => {
    console.log(error.message); process.exit(1) })`
  const [file = '', ...args] = wordsAsUser('node', ['-e', trial])
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' })
  return status === 0 ? null : `${stdout}${stderr}`.trim()
}

function asUser(file: string, args: string[]): string {
  const [program = '', ...words] = wordsAsUser(file, args)
  return run(program, words)
}

/** setpriv, because su and sudo ask, or keep what root has. */
function wordsAsUser(file: string, args: string[]): string[] {
  const path = `${clone}/node_modules/.bin:/usr/local/bin:/usr/bin:/bin`
  const id = (flag: string) => lines('id', [flag, user])[0] ?? ''
  return [
    ...['setpriv', '--reuid', id('-u'), '--regid', id('-g'), '--clear-groups', '--inh-caps=-all'],
    ...['env', '--ignore-environment', '--chdir', clone, `PATH=${path}`, `HOME=${home}`, `USER=${user}`],
    ...[file, ...args],
  ]
}

function makeUser(): void {
  // Its further ids are in /etc/subuid, as for every user that Debian makes.
  for (const file of ['/etc/subuid', '/etc/subgid']) if (!existsSync(file)) run('touch', [file])
  run('useradd', [
    '--create-home',
    '--home-dir',
    home,
    '--key',
    `HOME_MODE=${homeMode}`,
    '--key',
    'SUB_UID_COUNT=65536',
    user,
  ])
  if (!readFileSync('/etc/subuid', 'utf8').includes(user))
    throw new Error('/etc/subuid grants the user nothing')
}

function removeUser(): void {
  spawnSync('pkill', ['--signal', 'KILL', '--uid', user])
  const { status, stderr } = spawnSync('userdel', ['--remove', user], { encoding: 'utf8' })
  if (status !== 0 && existsSync(home)) console.log(`${user} could not be removed: ${stderr.trim()}`)
}

function run(file: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0)
    throw new Error(`${file} ${args.join(' ')} ended with status ${status}:\n${stdout.slice(-2000)}${stderr}`)
  return stdout
}

function lines(file: string, args: string[]): string[] {
  return run(file, args)
    .split('\n')
    .filter((line) => line !== '')
}
