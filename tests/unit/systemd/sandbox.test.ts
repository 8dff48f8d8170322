import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = join(import.meta.dirname, '../../../systemd/system')

/** Where nothing is to be said. `undefined`: whatever is let through has its reason. systemd.exec(5), systemd.resource-control(5). */
const strictest: Record<string, string | undefined> = {
  NoNewPrivileges: 'yes',
  CapabilityBoundingSet: '',
  RestrictNamespaces: 'yes',
  RestrictAddressFamilies: undefined,
  RestrictRealtime: 'yes',
  RestrictSUIDSGID: 'yes',
  LockPersonality: 'yes',
  MemoryDenyWriteExecute: 'yes',
  SystemCallArchitectures: 'native',
  SystemCallErrorNumber: 'EPERM',
  SystemCallFilter: '@system-service',
  IPAddressDeny: 'any',
  DevicePolicy: 'closed',
  PrivateDevices: 'yes',
  PrivateMounts: 'yes',
  PrivateNetwork: 'yes',
  PrivateUsers: 'yes',
  ProtectClock: 'yes',
  ProtectControlGroups: 'yes',
  ProtectHostname: 'yes',
  ProtectKernelLogs: 'yes',
  ProtectKernelModules: 'yes',
  ProtectKernelTunables: 'yes',
  ProtectProc: 'invisible',
  ProcSubset: 'pid',
  UMask: '0077',
}
/** Set where there is something to say about them; each is an exception. */
const exceptions = ['DeviceAllow', 'ReadWritePaths', 'AmbientCapabilities', 'BindPaths', 'IPAddressAllow']
/** A root shell to repair with is held in by nothing. */
const free = 'deskvisor-shell@.service'

t.test('each service is as shut in as its work allows, and says why where it is not', async (t) => {
  const services = readdirSync(folder).filter((name) => name.endsWith('.service') && name !== free)
  for (const name of services) {
    const problems = unexplained(readFileSync(join(folder, name), 'utf8'))
    t.same(problems, [], name)
  }
})

t.test('what is missing or not explained is found', async (t) => {
  const strict = Object.entries(strictest).map(([name, value]) => `${name}=${value ?? ''}`)
  const lines = (...more: string[]) => ['[Service]', ...strict, ...more].join('\n')
  t.same(unexplained(lines()), [])
  t.same(unexplained(lines().replace('UMask=0077\n', '').replace('\nUMask=0077', '')), ['UMask is not set'])
  t.same(unexplained(lines('CapabilityBoundingSet=CAP_SYS_ADMIN')), ['CapabilityBoundingSet=CAP_SYS_ADMIN'])
  t.same(unexplained(lines('# btrfs.', 'CapabilityBoundingSet=CAP_SYS_ADMIN')), [])
  t.same(unexplained(lines('SystemCallFilter=~@resources')), [], 'less is no exception')
  t.same(unexplained(lines('# One.', 'DeviceAllow=/dev/a r', 'DeviceAllow=/dev/b r')), [
    'DeviceAllow=/dev/b r',
  ])
})

/** Exceptions without a comment on the line above, and directives that say nothing at all. */
function unexplained(unit: string): string[] {
  const lines = unit.split('\n')
  const set = lines.map((line) => /^([A-Za-z]+)=(.*)$/.exec(line)?.slice(1) ?? ['', ''])
  const names = set.map(([name]) => name)
  const missing = Object.keys(strictest).filter((name) => !names.includes(name))
  return [
    ...missing.map((name) => `${name} is not set`),
    ...lines.filter((_, index) => isException(set[index]) && !lines[index - 1]?.startsWith('# ')),
  ]
}

function isException([name = '', value = '']: string[] = []): boolean {
  if (exceptions.includes(name)) return true
  if (!(name in strictest) || value === '') return false
  return value !== strictest[name] && !value.startsWith('~')
}
