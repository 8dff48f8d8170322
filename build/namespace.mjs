// Building needs a root user. Who is none becomes the root of a user namespace, with the ids that /etc/subuid grants.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import process from 'node:process'

const namespace = ['unshare', '--user', '--map-root-user', '--map-auto', '--']
let checked = false

/** The same command, run as a root user; throws a sentence with the line that helps where there can be none. */
export function asRoot(command) {
  if (process.getuid() === 0) return command
  if (!checked) {
    const [unshare, ...args] = namespace
    // Mounting tells: Ubuntu grants the namespace, and then no rights in it.
    const trial = ['unshare', '--mount', '--', 'true']
    const { status, stderr } = spawnSync(unshare, [...args, ...trial], { encoding: 'utf8' })
    if (status !== 0) throw new Error(whyNoNamespace(facts(), (stderr ?? '').trim()))
    checked = true
  }
  return [...namespace, ...command]
}

/** What keeps this user from a user namespace with several ids, and the one line that helps. */
export function whyNoNamespace({ user, hasHelper, hasIds, restrictedByAppArmor, most, switchedOff }, words) {
  const help = (reason, line) => `${reason} Run this once, and try again:\n\n    ${line}\n`
  if (!hasHelper) return help('The package uidmap is missing.', 'sudo apt-get install --yes uidmap')
  if (restrictedByAppArmor) {
    return help(
      'Ubuntu keeps user namespaces from ordinary users, and building needs one.',
      'sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0',
    )
  }
  if (switchedOff) {
    return help(
      'This system keeps user namespaces from ordinary users, and building needs one.',
      'sudo sysctl --write kernel.unprivileged_userns_clone=1',
    )
  }
  if (most === 0) {
    return help(
      'This system allows no user namespaces, and building needs one.',
      'sudo sysctl --write user.max_user_namespaces=10000',
    )
  }
  if (!hasIds) {
    return help(
      `/etc/subuid and /etc/subgid grant ${user} no further ids, and building needs them.`,
      `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user}`,
    )
  }
  return `Building needs a user namespace, and ${user} cannot make one here: ${words}\nAs root, the same command needs none.`
}

function facts() {
  const { username, uid } = userInfo()
  const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  const grants = (path) => new RegExp(`^(${username}|${uid}):\\d+:\\d+`, 'm').test(read(path))
  return {
    user: username,
    hasHelper: existsSync('/usr/bin/newuidmap'),
    hasIds: grants('/etc/subuid') && grants('/etc/subgid'),
    restrictedByAppArmor: read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns').trim() === '1',
    switchedOff: read('/proc/sys/kernel/unprivileged_userns_clone').trim() === '0',
    most: Number(read('/proc/sys/user/max_user_namespaces') || 1),
  }
}
