// node record-caches.ts '[{ "name", "file", "cache" }, …]': build/code-cache.mjs runs this. The script of the way to the desktop
// is run on a recorded machine, up to the answer of something that stands in for systemd; then recovery is what is left.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'
import { MachineTree } from '../tests/bench/machine-tree.ts'

type Recorded = { name: string; file: string; cache: string }

for (const script of JSON.parse(process.argv[2] ?? '[]') as Recorded[]) {
  if (script.name === 'desktop') await onTheWayToTheDesktop(script)
  else record(script, [])
  const { cachedDataRejected } = new Script(readFileSync(script.file, 'latin1'), {
    cachedData: readFileSync(script.cache),
  })
  if (cachedDataRejected !== false) throw new Error(`Node does not take ${script.cache}`)
}

async function onTheWayToTheDesktop(script: Recorded): Promise<void> {
  using tree = new MachineTree()
  const { systemd, plan } = tree.machine.paths
  mkdirSync(dirname(systemd), { recursive: true })
  const refusal = ['org.freedesktop.systemd1.Refused', 'This is not systemd.']
  const program = join(import.meta.dirname, '../tests/unit/fixtures/fake-systemd.mjs')
  const fake = spawn(process.execPath, [program, systemd, ...refusal], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(fake.stdout, 'data')
    record(script, ['boot', '--root', tree.root])
    if (!existsSync(plan)) throw new Error('The way to the desktop was not gone to its end')
  } finally {
    fake.kill('SIGKILL')
  }
}

function record({ file, cache }: Recorded, words: string[]): void {
  const recorder = join(import.meta.dirname, 'record-cache.cjs')
  execFileSync(process.execPath, [recorder, file, cache, ...words], { stdio: 'pipe', env: { PATH: '' } })
}
