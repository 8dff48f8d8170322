import assert from 'node:assert/strict'
import type { Computer } from '../computer.ts'
import { expectMenu, hostRuns, menu, timeline } from '../expect.ts'
import { scenario } from '../scenario.ts'

/** How open each of our services may be, from 0 to 10, in the words of systemd-analyze(1), "security". */
const limits: Record<string, number> = {
  'deskvisor-boot.service': 4.5,
  'deskvisor-boot-key.service': 3,
  'deskvisor-api.service': 4,
  'deskvisor-snapshot@hourly.service': 2,
  'deskvisor-make-room.service': 2,
  'deskvisor-tui@tty1.service': 2,
  // A root shell to repair with.
  'deskvisor-shell@tty1.service': 10,
}

export default scenario(
  'container',
  'sandbox',
  'each service may do little more than its work, and the command line of the menu may do everything',
  async ({ start, step }) => {
    const computer = await start({ recovery: true })
    await expectMenu(computer, 'next-boot')

    await step('every service of ours has a limit', async () => {
      const files = await hostRuns(computer, 'cd /usr/lib/systemd/system && ls -d deskvisor*.service')
      const known = Object.keys(limits).map((unit) => unit.replace(/@.*\./, '@.'))
      assert.deepEqual(files.trim().split('\n').sort(), known.sort())
    })
    for (const [unit, limit] of Object.entries(limits)) {
      await step(`${unit} is open to at most ${limit} of 10`, async () => {
        const text = await hostRuns(computer, ['systemd-analyze', 'security', '--no-pager', unit])
        const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(text)?.[1]
        assert.ok(exposure !== undefined && Number(exposure) <= limit, `${unit} is open to ${exposure}`)
      })
    }
    await step('the menu has no capabilities, and its system calls are filtered', async () => {
      const status = await hostRuns(
        computer,
        'cat /proc/$(systemctl show -P MainPID deskvisor-tui@tty1.service)/status',
      )
      assert.match(status, /^CapEff:\t0+$/m)
      assert.match(status, /^Seccomp:\t2$/m)
    })
    await step('a moment is kept by its service, with the API and without', async () => {
      await keepSnapshot(computer, 'hourly')
      await hostRuns(computer, ['systemctl', 'stop', 'deskvisor-api.socket', 'deskvisor-api.service'])
      await keepSnapshot(computer, 'daily')
      await hostRuns(computer, ['systemctl', 'start', 'deskvisor-api.socket'])
    })
    await step('moments can make room', async () => {
      await hostRuns(computer, ['systemctl', 'start', 'deskvisor-make-room.service'])
    })
    await step('the menu shows what happened', async () => {
      await computer.type('4')
      await computer.waitForScreen(/systemd\[1\]/)
      await computer.tap('esc')
      await computer.waitForScreen(menu)
    })
    await step('its command line is a root shell without these limits', async () => {
      await computer.type('6')
      await computer.waitForScreen(/to come back to the menu, type: exit.*root@\S+#/is)
      await computer.type('mount -t tmpfs none /mnt && grep -c ^none./mnt /proc/1/mounts; umount /mnt\n')
      await computer.type('echo uid=$(id -u)\n')
      await computer.waitForScreen(/^1$.*^uid=0$/ms)
    })
    await step('exit leads back to the menu', async () => {
      await computer.type('exit\n')
      await computer.waitForScreen(menu)
      const state = await computer.shell('systemctl is-active deskvisor-shell@tty1.service')
      assert.match(state.stdout, /^inactive$/m)
    })
    await step('the menu switches the computer off', async () => {
      await computer.type('8')
      await computer.waitForScreen(/yes, switch off/i)
      await computer.tap('down')
      await computer.tap('enter')
      assert.equal(await computer.waitForExit(), 'powered-off')
    })
  },
)

/** Something is written first, or there would be nothing to keep. */
async function keepSnapshot(computer: Computer, kind: 'hourly' | 'daily'): Promise<void> {
  const disk = '/var/lib/deskvisor/cartridges/guest/present/disk.raw'
  await hostRuns(computer, `echo ${kind} | dd of=${disk} conv=notrunc,fsync`)
  await hostRuns(computer, ['systemctl', 'start', `deskvisor-snapshot@${kind}.service`])
  const { snapshots } = await timeline(computer)
  assert.ok(
    snapshots.some((snapshot) => snapshot.kind === kind),
    `There is no moment of kind ${kind}`,
  )
}
