import assert from 'node:assert/strict'
import type { Computer } from '../computer.ts'
import type { Container } from '../container/container.ts'
import { eventually, expectDesktop, expectHealthy, guestRuns, hostRuns, statusOf } from '../expect.ts'
import { ended, floods, listener, log, whatIsReached } from '../hostile.ts'
import { scenario } from '../scenario.ts'

/** Of memory that the watchdog has for itself; it takes about 16 MB when nothing happens. */
const mostMemoryKb = 80_000
/** What journalctl(1) exports of a quiet machine in the first minutes, and what a hostile guest may add to it in each more. */
const mostJournalBytes = { once: 1_000_000, perMinute: 200_000 }

export default scenario(
  'container',
  'hostile-guest',
  'a guest that sends all it can on every channel gets nothing but its own desktop',
  async ({ start, step, minutes }) => {
    const computer = await start()
    await expectDesktop(computer)
    await expectHealthy(computer)
    await hostRuns(computer, ['deskvisor', 'cartridge', 'clone', 'guest', 'other'])
    // As it is once it was played.
    await hostRuns(computer, 'chown -R deskvisor-console /var/lib/deskvisor/cartridges/other/present/')

    await step('QEMU sees no other operating system, and nothing of /run but its own', async () => {
      const seen = await asQemu(computer, 'find /var /run -type f -o -type s -o -type l 2>/dev/null || true')
      const own = '/var/lib/deskvisor/cartridges/guest/states/0001'
      assert.deepEqual(
        seen
          .split('\n')
          .filter((path) => path && !path.startsWith('/run/NetworkManager/'))
          .sort(),
        [
          ...['guest-agent', 'guest-signals', 'qmp-tools', 'qmp', 'vnc'].map(
            (name) => `/run/deskvisor/console/${name}.sock`,
          ),
          `${own}/disk.raw`,
          `${own}/uefi-vars.fd`,
        ],
      )
      const { status } = await computer.shell(inside('ls /var/lib/deskvisor/cartridges/other'))
      assert.notEqual(status, 0)
    })
    await step('whatever it locks, work on operating systems goes on', async () => {
      const lockAll =
        'for folder in $(find /var /run -type d 2>/dev/null) / ; do (flock -n "$folder" sleep 30 &) ; done'
      await asQemu(computer, `${lockAll} >/dev/null 2>&1`)
      await hostRuns(computer, ['deskvisor', 'snapshot', 'take', '--note', 'beside its locks'])
      await hostRuns(computer, ['deskvisor', 'cartridge', 'delete', 'other'])
    })
    await step('the guest reaches the outside, and nothing that listens for this machine alone', async () => {
      await hostRuns(computer, listener)
      assert.deepEqual(await whatIsReached(computer), { outside: ['203.0.113.1', '2001:db8::1'], inside: [] })
      await guestRuns(computer, 'busybox ip link set eth0 down')
    })

    const before = await measure(computer)
    for (let minute = 1; minute <= minutes; minute++)
      for (const { what, script } of floods)
        await step(`${what}, for some seconds (${minute})`, async () => {
          await guestRuns(computer, ['/bin/rm', '-f', ended])
          await computer.guest.begin(['/bin/sh', '-c', script])
          await takeSnapshot(computer, what)
          await eventually('the guest has sent all', () => hasEnded(computer), 200)
          await expectCalm(computer, before, minute)
        })
    await step('a guest that was left standing still goes on', async () => {
      await computer.guest.stop()
      await eventually('the watchdog lets it go on', async () => {
        const { stdout } = await computer.shell('journalctl -b -u deskvisor-boot | grep -c "it goes on"')
        return Number(stdout) > 0
      })
      await guestRuns(computer, ['/bin/true'])
    })
    await step('a guest that restarts is started again, as ever', async () => {
      await computer.guest.reboot()
      await eventually('a second start', async () => (await statusOf(computer)).console.starts === 2, 200)
      await expectHealthy(computer)
      assert.equal((await statusOf(computer)).console.crashes, 0)
    })
  },
  { limitS: 1500 },
)

/** A script as QEMU's user, in the mount namespace of QEMU. */
function inside(script: string): string {
  const quoted = `'${script.replaceAll("'", `'\\''`)}'`
  const user = 'setpriv --reuid deskvisor-console --regid deskvisor-console --clear-groups'
  return `nsenter --mount --target $(systemctl show -P MainPID deskvisor-console) ${user} sh -c ${quoted}`
}

function asQemu(computer: Computer, script: string): Promise<string> {
  return hostRuns(computer, inside(script))
}

type Measured = { pid: string; memoryKb: number; journalBytes: number; record: string }

/** The watchdog: which process, memory of its own, when its record was written; and the journal. */
async function measure(computer: Computer): Promise<Measured> {
  const script = `pid=$(systemctl show -P MainPID deskvisor-boot); echo $pid
    sed -n 's/^RssAnon:[^0-9]*\\([0-9]*\\) kB/\\1/p' /proc/$pid/status
    journalctl -b -o export | wc -c
    stat -c '%i %y' /run/deskvisor/watchdog.json`
  const [pid = '', memory, journal, record = ''] = (await hostRuns(computer, script)).split('\n')
  return { pid, memoryKb: Number(memory), journalBytes: Number(journal), record }
}

async function expectCalm(computer: Container, before: Measured, minute: number): Promise<void> {
  const now = await measure(computer)
  assert.equal(now.pid, before.pid, 'the watchdog is another process')
  assert.equal(now.record, before.record, 'the watchdog wrote its record')
  assert.ok(now.memoryKb < mostMemoryKb, `the watchdog has ${now.memoryKb} kB`)
  const grown = now.journalBytes - before.journalBytes
  assert.ok(
    grown < mostJournalBytes.once + minute * mostJournalBytes.perMinute,
    `the journal grew by ${grown} bytes`,
  )
  const { console } = await statusOf(computer)
  assert.deepEqual(console, { running: true, healthy: true, starts: 1, crashes: 0 })
}

/** Also while the guest agent talks nonsense, a snapshot is kept, and the guest goes on. */
async function takeSnapshot(computer: Computer, what: string): Promise<void> {
  await hostRuns(computer, ['deskvisor', 'snapshot', 'take', '--note', what.slice(0, 40)], 200)
}

async function hasEnded(computer: Container): Promise<boolean> {
  const { status, stdout } = await computer.guest.exec(['/bin/cat', ended, log])
  assert.ok(status !== 0 || stdout === '0\n', `The guest could not: ${stdout}`)
  return status === 0
}
