// System packages that building and testing need. As root they are installed; otherwise the one line that does is printed.
import { spawnSync } from 'node:child_process'
import process from 'node:process'

const packages = [
  'bubblewrap',
  // An ordinary user builds in a user namespace; Ubuntu does not bring Debian's keys.
  'uidmap',
  'debian-archive-keyring',
  'mmdebstrap',
  'qemu-system-x86',
  'qemu-utils',
  'qemu-system-common',
  'xz-utils',
  'zstd',
  'ovmf',
  'swtpm',
  'console-data',
  'gcc',
  'libc6-dev',
  'binutils',
  'kbd',
  'tmux',
  'bsdutils',
  'btrfs-progs',
  'e2fsprogs',
  'systemd-container',
  'git',
] // prettier-ignore

/** `more`: packages that only this call needs. */
export default async function deps(more = []) {
  const missing = [...packages, ...more].filter((name) => !installed(name))
  if (missing.length === 0) return 0
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', ...missing]
  if (process.getuid() !== 0) {
    throw new Error(
      `System packages are missing. Run this, and then the same command again:\n\n    ${lineFor(install)}\n`,
    )
  }
  console.log(`- installing ${missing.join(', ')} (about a minute) …`)
  for (const command of [['apt-get', 'update'], install]) {
    const { status, stderr } = spawnSync(command[0], command.slice(1), {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (status !== 0) throw new Error(`${command.join(' ')} failed:\n${stderr}`)
  }
  return 0
}

/** Some packages ask questions whose answers make no difference here. */
function lineFor(install) {
  return `sudo apt-get update && sudo DEBIAN_FRONTEND=noninteractive ${install.join(' ')}`
}

function installed(name) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
  const { status, stdout } = spawnSync('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name], {
    encoding: 'utf8',
  })
  return status === 0 && stdout === 'installed'
}
