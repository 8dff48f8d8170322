import assert from 'node:assert/strict'
import type { Computer } from '../computer.ts'
import {
  consoleRuns,
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  guestRuns,
  hostRuns,
  statusOf,
  timeline,
} from '../expect.ts'
import { scenario } from '../scenario.ts'

/** A file of the guest's own disk, which resets. */
const wallpaper = '/var/lib/test-guest/wallpaper'
/** On the disk for data; the test guest mounts it and writes a record of each boot to `boots`. */
const homework = '/var/lib/data/homework'

export default scenario(
  'container',
  'kiosk',
  'a log-out brings the desktop back as new, and what is on the disk for data stays',
  async (stage) => {
    const { step } = stage
    const disk = await stage.newDisk()
    let pc = await stage.start({ disk, recovery: true })

    await step(
      'from the host, a golden moment is marked, reset is on, and there is a disk for data',
      async () => {
        await expectMenu(pc, 'next-boot')
        await hostRuns(pc, ['deskvisor', 'snapshot', 'take', '--note', 'golden'], 100)
        const golden = (await timeline(pc)).snapshots.find(({ note }) => note === 'golden')
        await hostRuns(pc, ['deskvisor', 'cartridge', 'golden', 'guest', golden?.name ?? ''])
        await hostRuns(pc, ['deskvisor', 'cartridge', 'reset', 'guest', 'on'])
        await hostRuns(pc, ['deskvisor', 'cartridge', 'data', 'guest', '256M'])
        const list = await hostRuns(pc, ['deskvisor', 'cartridge', 'list'])
        assert.match(list, /256 MiB for data.*starts from its golden moment/)
      },
    )
    const first = await step('the desktop starts, with the disk for data in it', async () => {
      await hostRuns(pc, 'touch /run/deskvisor/start-desktop; systemctl restart --no-block deskvisor-boot')
      const boot = await expectDesktop(pc)
      await expectHealthy(pc)
      await expectRecords(pc, [`1 boot ${boot}`])
      return boot
    })
    let watchdog = ''
    let hostBoots = 0
    await step('a user leaves files in both places and logs out: the desktop starts afresh', async () => {
      await leaveFiles(pc)
      watchdog = await serviceOf(pc)
      hostBoots = pc.hostBoots
      await logOut(pc)
      await eventually(
        'the console started a second time',
        async () => (await statusOf(pc)).console.starts === 2,
        200,
      )
      assert.equal(await expectDesktop(pc), first, 'The boot after the golden moment was not there again')
      await expectHealthy(pc)
    })
    await step('the file on its own disk is gone, those on the disk for data are there', async () => {
      await expectOnlyData(pc)
      await expectRecords(pc, [`1 boot ${first}`, `2 boot ${first}`])
    })
    await step('that was neither a crash nor an end of the host', async () => {
      const { crashes } = (await statusOf(pc)).console
      assert.equal(crashes, 0)
      assert.equal(pc.hostBoots, hostBoots)
      assert.equal(await serviceOf(pc), watchdog, 'deskvisor-boot.service was started anew')
      assert.equal(await hostRuns(pc, 'cat /var/lib/deskvisor/boot/attempts'), '0\n')
    })
    await step('without reset, a log-out changes nothing', async () => {
      await hostRuns(pc, ['deskvisor', 'cartridge', 'reset', 'guest', 'off'])
      await logOut(pc)
      await eventually('a line in the log says so', async () => {
        const { stdout } = await pc.shell('journalctl -b -u deskvisor-boot | grep -c "A log-out is ignored"')
        return stdout.trim() === '1'
      })
      assert.ok(await consoleRuns(pc))
      assert.equal((await statusOf(pc)).console.starts, 2)
      await hostRuns(pc, ['deskvisor', 'cartridge', 'reset', 'guest', 'on'])
    })
    await step('the power is cut while it is used, and the next start is as new, with the data', async () => {
      await leaveFiles(pc)
      await pc.cutPower()
      pc = await stage.start({ disk })
      assert.equal(await expectDesktop(pc), first)
      await expectHealthy(pc)
      await expectOnlyData(pc)
      await expectRecords(pc, [`1 boot ${first}`, `2 boot ${first}`, `3 boot ${first}`])
    })
    await step('a guest that is shut down switches the computer off, as ever', async () => {
      await pc.guest.shutdown()
      assert.equal(await pc.waitForExit(180), 'powered-off')
    })
  },
  { limitS: 1500 },
)

/** Writes a file to the guest's own disk and one to its disk for data; both are on the disk when it returns. */
async function leaveFiles(pc: Computer): Promise<void> {
  const script = `for file in ${wallpaper} ${homework}; do echo mine >$file && sync $file $(dirname $file) || exit 1; done`
  await guestRuns(pc, script)
}

async function expectOnlyData(pc: Computer): Promise<void> {
  const { status } = await pc.guest.exec(['/usr/bin/test', '-e', wallpaper])
  assert.equal(status, 1, `${wallpaper} outlived the reset`)
  assert.equal(await guestRuns(pc, ['/bin/cat', homework]), 'mine\n')
}

/** What is on the disk for data about the boots of the guest; the guest agent may be there before the last of them. */
async function expectRecords(pc: Computer, expected: string[]): Promise<void> {
  let records = ''
  await eventually('the guest wrote down its boot', async () => {
    records = (await pc.guest.exec(['/bin/cat', '/var/lib/data/boots'])).stdout
    return records.split('\n').length > expected.length
  })
  assert.deepEqual(records.trim().split('\n'), expected)
}

/** The guest is asked to shut down then, perhaps before its agent has answered. */
async function logOut(pc: Computer): Promise<void> {
  await pc.guest.begin(['/usr/bin/deskvisor-logout'])
}

/** When and as which process the service that watches the console was started. */
function serviceOf(pc: Computer): Promise<string> {
  return hostRuns(
    pc,
    'systemctl show --property=MainPID,ActiveEnterTimestampMonotonic deskvisor-boot.service',
  )
}
