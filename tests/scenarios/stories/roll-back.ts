import assert from 'node:assert/strict'
import {
  destroyGuest,
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  hostRuns,
  journal,
  lastRecord,
  timeline,
} from '../expect.ts'
import { scenario } from '../scenario.ts'

const present = '/var/lib/deskvisor/cartridges/guest/present'

export default scenario(
  'container',
  'roll-back',
  'a desktop that destroyed itself is back, and any moment can be gone back to',
  async (stage) => {
    const { step } = stage
    const disk = await stage.newDisk()
    let pc = await stage.start({ disk })
    let acknowledged = ''
    let hourly = ''

    await step('the moment of the hour is kept while the guest writes, and the guest goes on', async () => {
      await expectDesktop(pc)
      await expectHealthy(pc)
      // One moment an hour is kept: a real hour that begins now would replace the one that is gone back to.
      await hostRuns(pc, ['systemctl', 'stop', 'deskvisor-hourly.timer'])
      acknowledged = await lastRecord(pc)
      await hostRuns(pc, ['systemctl', 'start', 'deskvisor-snapshot@hourly.service'], 200)
      const [newest] = (await timeline(pc)).snapshots
      assert.equal(newest?.kind, 'hourly')
      hourly = newest.name
      assert.equal(newest?.consistency, 'frozen')
      assert.ok((newest?.pauseMs ?? 0) > 0, 'The pause was not measured')
      await eventually('the guest writes on', async () => (await lastRecord(pc)) !== acknowledged)
    })
    await step('the moment before this start is known to be good', async () => {
      await eventually('it is marked', async () =>
        (await timeline(pc)).snapshots.some(({ kind, healthy }) => kind === 'boot' && healthy),
      )
    })
    await step('the guest destroys its own boot loader, and the power is cut', async () => {
      await destroyGuest(pc)
      await pc.cutPower()
    })
    await step('Go back, Enter, Enter: the desktop is back, as it was before that start', async () => {
      pc = await stage.start({ disk, recovery: true })
      await expectMenu(pc, 'next-boot')
      await pc.screenshot('menu')
      await pc.type('2')
      await pc.waitForScreen(/known good/i)
      await pc.screenshot('moments')
      await pc.tap('enter')
      await pc.waitForScreen(/go back to this moment/i)
      await pc.screenshot('question')
      await pc.tap('enter')
      await expectDesktop(pc, { boot: 1 })
    })
    await step(
      'from a command line, back to the moment that was kept: nothing acknowledged is missing',
      async () => {
        await expectHealthy(pc)
        // The desktop runs: it is shut down in order, and started again.
        await hostRuns(pc, ['deskvisor', 'rollback', hourly], 400)
        await expectDesktop(pc, { boot: 2 })
        await expectHealthy(pc)
        const { stdout } = await pc.guest.exec(['/bin/cat', journal])
        assert.ok(stdout.split('\n').includes(acknowledged), `${acknowledged} is missing in:\n${stdout}`)
      },
    )
    await step('undo returns to the destroyed desktop, which is told as what it is', async () => {
      const destroyed = (await timeline(pc)).snapshots.findLast(({ kind }) => kind === 'before-rollback')
      await pc.cutPower()
      pc = await stage.start({ disk, recovery: true })
      await expectMenu(pc, 'next-boot')
      await hostRuns(pc, ['deskvisor', 'rollback', destroyed?.name ?? ''], 100)
      const diskFile = `${present}/disk.raw`
      const emptied = `cmp -n 65536 ${diskFile} /dev/zero`
      await hostRuns(pc, emptied)
      await hostRuns(pc, ['deskvisor', 'undo'], 100)
      assert.equal((await pc.shell(emptied)).status, 1)
    })
    await step('UEFI variables and TPM come back with the disk', async () => {
      const files = `${present}/uefi-vars.fd ${present}/tpm/tpm2-00.permall`
      await hostRuns(pc, `mkdir ${present}/tpm; echo sealed >${present}/tpm/tpm2-00.permall`)
      const before = await hostRuns(pc, `sha256sum ${files}`)
      await hostRuns(pc, ['deskvisor', 'snapshot', 'take'])
      await hostRuns(pc, `for f in ${files}; do echo other >$f; done`)
      await hostRuns(pc, ['deskvisor', 'rollback', 'latest'], 100)
      assert.equal(await hostRuns(pc, `sha256sum ${files}`), before)
      await hostRuns(pc, `rm -r ${present}/tpm`)
    })
    await step('a moment is tried, and dropped', async () => {
      await startTrying()
      await pc.cutPower()
      pc = await stage.start({ disk, recovery: true })
      await pc.waitForScreen(/keep what i tried/i)
      await pc.tap('esc')
      await expectMenu(pc, 'next-boot')
      assert.equal((await timeline(pc)).trying?.phase, 'ended')
      await hostRuns(pc, ['deskvisor', 'drop'], 100)
      assert.equal((await timeline(pc)).trying, null)
    })
    await step('a moment is tried, and kept while it runs', async () => {
      await startTrying()
      await expectHealthy(pc)
      const written = await lastRecord(pc)
      await hostRuns(pc, ['deskvisor', 'keep'], 100)
      assert.equal((await timeline(pc)).trying, null)
      await pc.guest.reboot()
      await expectDesktop(pc, { boot: 2 })
      await expectHealthy(pc)
      const { stdout } = await pc.guest.exec(['/bin/cat', journal])
      assert.ok(stdout.split('\n').includes(written), `${written} is missing in:\n${stdout}`)
    })

    /** Starts from the moment before the very first start. */
    async function startTrying(): Promise<void> {
      const first = (await timeline(pc)).snapshots.findLast(({ kind }) => kind === 'boot')
      await hostRuns(pc, ['deskvisor', 'try', first?.name ?? ''], 100)
      await hostRuns(pc, 'touch /run/deskvisor/start-desktop; systemctl restart --no-block deskvisor-boot')
      await expectDesktop(pc, { boot: 1 })
    }
  },
  { limitS: 1800 },
)
