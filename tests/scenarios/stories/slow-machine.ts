import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually, expectMenu, hostRuns } from '../expect.ts'
import type { Pc } from '../pc/pc.ts'
import { places } from '../pc/places.ts'
import { newDisk, overlay } from '../pc/prepared.ts'
import { scenario } from '../scenario.ts'

/** Longer than systemd waits for a device unless told otherwise (DefaultDeviceTimeoutSec=, systemd-system.conf(5)). */
const longerThanDeviceLimitS = 100

/** What a slow or busy machine does: it finds its devices, all but those that it booted from, when the menu is there already. */
const lateColdplug = {
  'systemd.unit-dropin.systemd-udev-trigger.service':
    '[Service]\nTimeoutStartSec=infinity\nExecStartPre=sh -c "until test -e /run/find-devices; do sleep 1; done"\n',
}

const findDevices = 'touch /run/find-devices'

export default scenario(
  'pc',
  'slow-machine',
  'the first boot of a slow machine ends where that of a fast one does',
  async (stage) => {
    const { step, folder } = stage
    const disk = await newDisk(join(folder, 'disk.qcow2'))
    const pc = await stage.start({
      disk,
      kernelArguments: ['deskvisor.recovery'],
      credentials: lateColdplug,
    })

    await step('a disk that answers late is waited for, and gets its data partition', async () => {
      await pc.waitForKernel()
      await standStill(pc, longerThanDeviceLimitS)
      await expectMenu(pc, 'kernel-argument', 420)
    })
    await step('what is mounted stays mounted, however late its device is found', async () => {
      assert.equal(
        (await hostRuns(pc, 'systemctl show -P ActiveState systemd-udev-trigger.service')).trim(),
        'activating',
      )
      const uptime = 'cut -d. -f1 /proc/uptime'
      const started = Number(await hostRuns(pc, 'systemctl show -P UserspaceTimestampMonotonic')) / 1e6
      const limitPassed = async () => Number(await hostRuns(pc, uptime)) - started > longerThanDeviceLimitS
      await eventually('the usual limit for devices has passed', limitPassed, 240)
      await hostRuns(pc, ['mountpoint', '/var/lib/deskvisor'])
      await hostRuns(pc, findDevices)
      await hostRuns(pc, ['systemctl', 'start', 'var-lib-deskvisor.mount'], 300)
      await hostRuns(pc, ['mountpoint', '/var/lib/deskvisor'])
      assert.equal(await hostRuns(pc, 'systemctl --failed --plain --no-legend'), '')
    })
    await step('a data partition that cannot be read is not waited for: the menu says so', async () => {
      const boots = pc.hostBoots
      // Without a word to the file system, which would write what it knows.
      const wipe = 'dd if=/dev/zero of=/dev/disk/by-partlabel/deskvisor-data bs=1M count=80 conv=fsync'
      await hostRuns(pc, wipe)
      await pc.shell('echo b >/proc/sysrq-trigger').catch(() => undefined)
      await eventually('the host came up again', async () => pc.hostBoots > boots, 240)
      await hostRuns(pc, findDevices)
      await expectMenu(pc, 'data-unavailable')
    })
    await pc.cutPower()
    await step('neither is one for which the disk has no room', async () => {
      const small = await overlay(places.image, join(folder, 'small.qcow2'), 'raw')
      const another = await stage.start({ disk: small })
      await expectMenu(another, 'data-unavailable')
    })
  },
  { limitS: 1200 },
)

/** The system disk answers nothing more for a while. */
async function standStill(pc: Pc, seconds: number): Promise<void> {
  const limit = (bytesPerSecond: number) =>
    pc.qmp.command('block_set_io_throttle', {
      ...{
        id: '/machine/peripheral/system-disk/virtio-backend',
        bps: bytesPerSecond,
        bps_rd: 0,
        bps_wr: 0,
        iops: 0,
        iops_rd: 0,
        iops_wr: 0,
      },
    })
  await limit(1)
  await sleep(seconds * 1000)
  await limit(0)
}
