// The tools tree: Debian 13 with mkosi and friends in a folder of its own, so that building works on older systems too.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { adviceFor } from './advice.mjs'
import { asRoot } from './namespace.mjs'
import { beginStep } from './progress.mjs'
import { repository, tool } from './tools.mjs'
import { unfinishedFolder } from './unfinished.mjs'

const packages = [
  'mkosi',
  'systemd-ukify',
  'systemd-boot',
  'systemd-boot-efi',
  'systemd-repart',
  'systemd-container',
  'cryptsetup-bin',
  'erofs-utils',
  'dosfstools',
  'mtools',
  'btrfs-progs',
  'e2fsprogs',
  'kmod',
  'zstd',
  'xz-utils',
  'cpio',
  'python3-pefile',
  'ca-certificates',
  'debian-archive-keyring',
  'gcc',
  'libc6-dev',
] // prettier-ignore
const version = 2

/** What is expensive to make is kept here, outside the source tree. */
export const cacheFolder =
  process.env.DESKVISOR_CACHE ??
  (process.getuid() === 0 ? '/var/cache/deskvisor' : join(homedir(), '.cache/deskvisor'))

let unfinished

/** Where this process makes what it puts into the cache when it is complete. */
export function unfinishedInCache() {
  unfinished ??= unfinishedFolder(cacheFolder)
  return unfinished
}

/** The Debian mirror that this machine uses itself. */
export function mirror() {
  const sources = tool('apt-get', [
    'indextargets',
    '--format',
    '$(SITE)',
    'Identifier: Packages',
    'Origin: Debian',
  ])
  return sources.split('\n').find((site) => /^https?:/.test(site)) ?? 'http://deb.debian.org/debian'
}

/** Makes the tools tree, as a step of its own. The caller holds the lock of the cache. */
export async function makeToolsTree() {
  if (existsSync(tree)) beginStep('Tools tree', ': up to date').end()
  else await ensureToolsTree()
}

/** Makes it only if it is not there; about 30 s. */
export async function ensureToolsTree() {
  if (existsSync(tree)) return
  const progress = beginStep('Tools tree: Debian 13 with mkosi', ' (about 30 s, kept for later builds) …')
  mkdirSync(cacheFolder, { recursive: true })
  const partial = join(unfinishedInCache(), 'tools')
  const args = [
    '--mode=root',
    '--variant=apt',
    `--include=${packages.join(',')}`,
    'trixie',
    partial,
    mirror(),
  ]
  const whole = ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp']
  // The cache may be below /tmp.
  await sandboxed([...whole, ...same(cacheFolder), '--', 'mmdebstrap', ...args], {
    onLine: (line) => line.startsWith('I: ') && progress.now(line.slice(3)),
  })
  renameSync(partial, tree)
  progress.end()
}

const same = (path) => ['--bind', path, path]

const tree = join(cacheFolder, `tools-${version}`)

/** Runs a program inside the tools tree, as root; the repository and the cache keep their paths. */
export function inToolsTree(args, options) {
  const varTmp = join(unfinishedInCache(), 'var-tmp')
  mkdirSync(varTmp, { recursive: true })
  return sandboxed(
    [
      ...['--bind', tree, '/', '--dev-bind', '/dev', '/dev', '--proc', '/proc', '--ro-bind', '/sys', '/sys'],
      ...['--tmpfs', '/tmp', '--tmpfs', '/run', '--bind', varTmp, '/var/tmp'],
      ...[...same(cacheFolder), ...same(repository)],
      ...['--ro-bind', '/etc/resolv.conf', '/etc/resolv.conf', '--ro-bind', '/etc/hosts', '/etc/hosts'],
      ...[
        '--chdir',
        repository,
        '--setenv',
        'PATH',
        '/usr/sbin:/usr/bin:/sbin:/bin',
        '--setenv',
        'HOME',
        '/root',
      ],
      ...['--', ...args],
    ],
    options,
  )
}

/**
 * Runs bwrap; whatever it started ends with this process. Each line of its output is handed to `onLine`. Throws with the
 * last of them and with what to do.
 */
async function sandboxed(args, { onLine = () => {} } = {}) {
  const [file, ...words] = asRoot(['bwrap', '--die-with-parent', '--unshare-pid', ...args])
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const last = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (last.push(`    ${line}`) > 15) last.shift()
      onLine(line)
    })
  }
  const [status, signal] = await once(child, 'close')
  if (status === 0) return
  const name = args[args.indexOf('--') + 1]
  const end = `${name} ended with ${signal ?? `status ${status}`}`
  throw new Error([`${end}. It said last:`, ...last, '', adviceFor([end, ...last].join('\n'))].join('\n'))
}
