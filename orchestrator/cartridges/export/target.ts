import { lstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { readTextOr } from '../../host/atomic.ts'
import { deviceNumber } from '../../host/device-number.ts'
import { DeskvisorError, isErrno, sentenceOf } from '../../host/errors.ts'

/** Filesystems that are a view of the kernel, or memory without a limit: a file there fills nothing but memory. */
const notOnDisk = new Set(
  (
    'autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl hugetlbfs mqueue nsfs ' +
    'proc pstore ramfs rpc_pipefs securityfs selinuxfs sysfs tracefs'
  ).split(' '),
)

/**
 * Refuses what can be no new file, before anything is copied or made: a name that is there, whatever has it, and a folder
 * that is not there or not on a disk. `file` is an absolute path. Throws DeskvisorError `file-exists`, `bad-file` (both exit 2).
 */
export function expectNewFile(file: string): void {
  const stats = look(file, () => lstatSync(file, { throwIfNoEntry: false }))
  if (stats !== undefined) throw isThere(file, stats)
  const folder = look(file, () => realpathSync(dirname(file)))
  // In a container /dev is an ordinary tmpfs.
  if (folder === '/dev' || folder.startsWith('/dev/')) {
    throw refused(`There is no device ${file}, and what is no device has no place in /dev.`)
  }
  const type = look(file, () => filesystemOf(folder))
  if (type !== undefined && notOnDisk.has(type)) {
    throw refused(`${folder} is not on a disk: it is a ${type}, which the kernel keeps in memory.`)
  }
}

/** The type of the filesystem that a folder is on, by proc_pid_mountinfo(5); undefined where that does not tell. */
function filesystemOf(folder: string): string | undefined {
  const number = deviceNumber(statSync(folder).dev)
  const mounts = readTextOr('/proc/self/mountinfo', '', 16 * 1024 * 1024).split('\n')
  const mount = mounts.find((line) => line.split(' ', 3)[2] === number)
  return mount?.split(' - ')[1]?.split(' ')[0]
}

function isThere(file: string, stats: Stats): DeskvisorError {
  const what = kinds.find(([is]) => is(stats))?.[1]
  const sentence = what ? `${file} is ${what}` : `${file} is there already`
  return new DeskvisorError('file-exists', `${sentence}; an export only makes a new file.`, {
    next: [
      'Choose another name.',
      {
        do: 'run',
        text: 'Standard output goes wherever it is led to: {command}',
        command: 'deskvisor cartridge export NAME - > TARGET',
      },
    ],
  })
}

const kinds: readonly [(stats: Stats) => boolean, string][] = [
  [(stats) => stats.isDirectory(), 'a folder'],
  [(stats) => stats.isBlockDevice() || stats.isCharacterDevice(), 'a device'],
  [(stats) => stats.isFIFO(), 'a named pipe'],
  [(stats) => stats.isSocket(), 'a socket'],
]

function look<Result>(file: string, at: () => Result): Result {
  try {
    return at()
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw refused(`There is no folder ${dirname(file)}.`)
    throw refused(`${file} cannot be made: ${sentenceOf(error)}.`)
  }
}

function refused(sentence: string): DeskvisorError {
  return new DeskvisorError('bad-file', sentence, { next: 'Choose a folder on a disk.' })
}
