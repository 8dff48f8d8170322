// The tools tree: Debian 13 with mkosi and friends in a folder of its own, so that building works on older systems too.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { repository, tool } from './tools.mjs'

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

/** Makes the tools tree if it is not there yet; returns its folder. About 30 s. */
export function toolsTree() {
  const tree = join(cacheFolder, `tools-${version}`)
  if (existsSync(tree)) return tree
  console.log('- tools tree: Debian 13 with mkosi (about 30 s, kept for later builds) …')
  mkdirSync(cacheFolder, { recursive: true })
  const partial = `${tree}.partial`
  rmSync(partial, { recursive: true, force: true })
  tool('mmdebstrap', ['--variant=apt', `--include=${packages.join(',')}`, 'trixie', partial, mirror()])
  renameSync(partial, tree)
  return tree
}

/** Runs a program inside the tools tree; the repository and the cache keep their paths. */
export function inToolsTree(args, options = {}) {
  const tree = toolsTree()
  const root = process.getuid() === 0 ? [] : ['--unshare-user', '--uid', '0', '--gid', '0']
  const bwrap = [
    ...root,
    '--bind',
    tree,
    '/',
    '--dev-bind',
    '/dev',
    '/dev',
    '--proc',
    '/proc',
    '--ro-bind',
    '/sys',
    '/sys',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    '--bind',
    '/var/tmp',
    '/var/tmp',
    '--bind',
    cacheFolder,
    cacheFolder,
    '--bind',
    repository,
    repository,
    '--ro-bind',
    '/etc/resolv.conf',
    '/etc/resolv.conf',
    '--ro-bind',
    '/etc/hosts',
    '/etc/hosts',
    '--chdir',
    repository,
    '--setenv',
    'PATH',
    '/usr/sbin:/usr/bin:/sbin:/bin',
    '--setenv',
    'HOME',
    '/root',
    '--',
    ...args,
  ] // prettier-ignore
  const { status, error } = spawnSync('bwrap', bwrap, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
  if (error) throw new Error(`bwrap: ${error.message}`)
  if (status !== 0) throw new Error(`${args[0]} ended with status ${status}`)
}
