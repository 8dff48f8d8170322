import assert from 'node:assert/strict'
import {
  eventually,
  expectDesktop,
  expectHealthy,
  expectMenu,
  holdBootKeyUntilMenu,
  hostRuns,
  journal,
  lastRecord,
  timeline,
} from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'roll-back',
  'a desktop that destroyed itself is back after three keys, and any moment can be gone back to',
  async (stage) => {
    const { step } = stage
    const disk = await stage.newDisk()
    let pc = await stage.startPc({ disk })
    let acknowledged = ''

    await step('a moment is kept while the guest writes, and the guest goes on', async () => {
      await expectDesktop(pc)
      await expectHealthy(pc)
      acknowledged = await lastRecord(pc)
      await hostRuns(pc, ['deskvisor', 'snapshot', 'take', '--note', 'while it runs'], 200)
      const [newest] = (await timeline(pc)).snapshots
      assert.equal(newest?.kind, 'manual')
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
      const zeros = ['/bin/dd', 'if=/dev/zero', 'of=/dev/vda', 'bs=1M', 'count=100', 'conv=fsync']
      const { status, stderr } = await pc.guest.exec(zeros)
      assert.equal(status, 0, stderr)
      await pc.cutPower()
    })
    await step('F8, then Enter, Enter, Enter: the desktop is back, as it was before that start', async () => {
      pc = await stage.startPc({ disk })
      await holdBootKeyUntilMenu(pc)
      await pc.screenshot('menu')
      await pc.tap('enter')
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
        const kept = (await timeline(pc)).snapshots.find(({ note }) => note === 'while it runs')
        await expectHealthy(pc)
        // The desktop runs: it is shut down in order, and started again.
        await hostRuns(pc, ['deskvisor', 'rollback', kept?.name ?? ''], 400)
        await expectDesktop(pc, { boot: 2 })
        await expectHealthy(pc)
        const { stdout } = await pc.guest.exec(['/bin/cat', journal])
        assert.ok(stdout.split('\n').includes(acknowledged), `${acknowledged} is missing in:\n${stdout}`)
      },
    )
    await step('undo returns to the destroyed desktop, which is told as what it is', async () => {
      const destroyed = (await timeline(pc)).snapshots.findLast(({ kind }) => kind === 'before-rollback')
      await pc.cutPower()
      pc = await stage.startPc({ disk, kernelArguments: ['deskvisor.recovery'] })
      await expectMenu(pc, 'kernel-argument')
      await hostRuns(pc, ['deskvisor', 'rollback', destroyed?.name ?? ''], 100)
      const present = '/var/lib/deskvisor/cartridges/guest/present/disk.raw'
      assert.equal(await hostRuns(pc, `head -c 65536 ${present} | tr -d '\\0' | wc -c`), '0\n')
      await hostRuns(pc, ['deskvisor', 'undo'], 100)
      assert.notEqual(await hostRuns(pc, `head -c 65536 ${present} | tr -d '\\0' | wc -c`), '0\n')
    })
    await step('a moment is tried, and dropped', async () => {
      const first = (await timeline(pc)).snapshots.findLast(({ kind }) => kind === 'boot')
      await hostRuns(pc, ['deskvisor', 'try', first?.name ?? ''], 100)
      await hostRuns(pc, 'touch /run/deskvisor/start-desktop; systemctl restart --no-block deskvisor-boot')
      await expectDesktop(pc, { boot: 1 })
      await pc.cutPower()
      pc = await stage.startPc({ disk, kernelArguments: ['deskvisor.recovery'] })
      await expectMenu(pc, 'kernel-argument')
      assert.equal((await timeline(pc)).trying?.phase, 'running')
      await hostRuns(pc, ['deskvisor', 'drop'], 100)
      assert.equal((await timeline(pc)).trying, null)
    })
  },
  { limitS: 1800 },
)
