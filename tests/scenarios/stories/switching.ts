import assert from 'node:assert/strict'
import type { CartridgeInfo, Snapshot } from '../../../orchestrator/api/index.ts'
import type { Computer } from '../computer.ts'
import {
  consoleRuns,
  eventually,
  expectDesktop,
  expectHealthy,
  guestRuns,
  hostRefuses,
  hostRuns,
  lastRecord,
  timeline,
} from '../expect.ts'
import { scenario } from '../scenario.ts'

const data = '/var/lib/deskvisor'
const port = '/dev/virtio-ports/org.qemu.guest_agent.0'
/** On the guest's own disk. */
const mark = '/root/mark'
const efivars = '/sys/firmware/efi/efivars'
const mountVariables = `mountpoint -q ${efivars} || { modprobe efivarfs && mount -t efivarfs none ${efivars}; }`
const variable = `${efivars}/Deskvisor-6a37ad40-36b5-4ac5-93c0-8ae9a9a06fb6`

/** Waits for the next sign from the host that needs no agent: guest.ts, nudge. */
const untilNudged = `
# Without a program of its own: an emulated processor takes long to start one.
nudges() { while read -r line; do case $line in NMI:*) echo "$line" ;; esac; done </proc/interrupts; }
until_nudged() { before=$(nudges); touch /run/listening; while [ "$(nudges)" = "$before" ]; do sleep 0.2; done; }
until_nudged
`
/** The agent stands still until the next nudge. */
const sleeper = `
kill -STOP $(pidof qemu-ga)
until_nudged
kill -CONT $(pidof qemu-ga)
`
/** An agent that answers everything, and lies until the next nudge: it says that it froze, and froze nothing. */
const liar = String.raw`
touch /run/no-agent
kill $(pidof qemu-ga)
while pidof qemu-ga; do sleep 0.2; done
exec 3<>${port}
before=$(nudges)
while [ "$(nudges)" = "$before" ]; do
    IFS= read -r -t 1 line <&3 || continue
    case $line in
        *guest-sync*) id=${'$'}{line//[!0-9]/}; printf '\377{"return": %s}\n' "$id" ;;
        *osinfo*) echo '{"return": {"pretty-name": "Liar 1.0"}}' ;;
        *freeze-status*) echo '{"return": "thawed"}' ;;
        *freeze*) echo '{"return": 3}' ;;
        *) echo '{"return": {}}' ;;
    esac >&3
done
exec 3>&-
rm /run/no-agent
`

export default scenario(
  'container',
  'switching',
  'operating systems live beside each other, and each keeps what is its own',
  async ({ start, step }) => {
    const pc = await start()

    await step('a running operating system is copied, and cannot be deleted', async () => {
      await expectDesktop(pc, { boot: 1 })
      await expectHealthy(pc)
      await setMark(pc, 'one')
      await hostRuns(pc, ['deskvisor', 'snapshot', 'take', '--note', 'mark is one'], 200)
      await setMark(pc, 'two')
      await hostRuns(pc, ['deskvisor', 'cartridge', 'clone', 'guest', 'second'], 100)
      // Firmware that measures what it starts into a TPM costs an emulated PC a minute.
      await hostRuns(pc, ['rmdir', `${data}/cartridges/second/present/tpm`])
      const said = await hostRefuses(pc, ['deskvisor', 'cartridge', 'delete', 'guest'])
      assert.match(said, /guest .*(runs|running|plays)/i)
      assert.ok((await cartridges(pc)).some(({ name, running }) => name === 'guest' && running))
    })
    await step('before an update the guest asks for a moment, and goes on once it is kept', async () => {
      await guestRunsLater(
        pc,
        'deskvisor-before-update 2>/run/said; echo "$? $(cat /run/said)" >/run/updated',
      )
      await eventually(
        'the moment is kept',
        async () => (await timeline(pc)).snapshots[0]?.kind === 'before-update',
        120,
      )
      const updated = () => guestRuns(pc, ['/bin/cat', '/run/updated']).catch(() => '')
      await eventually('the update goes on', async () => (await updated()) !== '', 120)
      assert.equal(await updated(), '0 \n')
    })
    await step(
      'a guest agent that is frozen itself: the moment is labelled, and the guest goes on',
      async () => {
        const before = await lastRecord(pc)
        await guestRunsLater(pc, sleeper)
        await eventually('the agent is silent', async () => (await pc.guest.system(5)) === '')
        const taken = await take(pc, 'silent agent')
        assert.equal(taken.consistency, 'crash-consistent')
        assert.ok((taken.pauseMs ?? 0) > 0, 'The pause was not measured')
        await pc.guest.nudge()
        await expectWritesOn(pc, before)
      },
    )
    await step('a guest agent that lies is not believed, and the guest goes on', async () => {
      const before = await lastRecord(pc)
      await guestRunsLater(pc, liar)
      await eventually('the liar answers', async () => /Liar/.test(await pc.guest.system(25)))
      const taken = await take(pc, 'lying agent')
      assert.equal(taken.consistency, 'crash-consistent')
      assert.match(taken.osLabel ?? '', /Liar/)
      await pc.guest.nudge()
      await expectWritesOn(pc, before)
    })
    await step('the second operating system is inserted at once, and is another machine', async () => {
      const uuid = await guestUuid(pc)
      await hostRuns(pc, ['deskvisor', 'cartridge', 'insert', 'second', '--now'], 400)
      await expectDesktop(pc, { boot: 2 })
      await expectHealthy(pc)
      assert.notEqual(await guestUuid(pc), uuid)
      await guestRuns(pc, 'echo of the second >/root/second; sync')
    })
    await step('and back: the first one has nothing of the second', async () => {
      await hostRuns(pc, ['deskvisor', 'cartridge', 'insert', 'guest', '--now'], 400)
      await expectDesktop(pc, { boot: 2 })
      await expectHealthy(pc)
      await guestRuns(pc, 'test ! -e /root/second')
      await expectMark(pc, 'two')
    })
    await step('going back while it runs brings that moment, on the disk and in the firmware', async () => {
      const snapshot = (await timeline(pc)).snapshots.find(({ note }) => note === 'mark is one')
      await hostRuns(pc, ['deskvisor', 'rollback', snapshot?.name ?? ''], 400)
      await expectDesktop(pc, { boot: 2 })
      await expectHealthy(pc)
      await expectMark(pc, 'one')
    })
    await step(
      'on a full disk no moment is taken and nothing is imported, and the guest writes on',
      async () => {
        await hostRuns(pc, ['deskvisor', 'cartridge', 'delete', 'second'])
        const full = `$(($(stat -f -c '%a*%S' ${data}) - 200000000))`
        await hostRuns(pc, `fallocate -l ${full} ${data}/full && sync -f ${data}`)
        assert.match(await hostRefuses(pc, ['deskvisor', 'snapshot', 'take']), /must stay free/)
        await hostRuns(pc, 'head -c 8000000 /dev/urandom >/run/some.raw')
        const words = ['deskvisor', 'cartridge', 'import', '/run/some.raw', '--name', 'some']
        assert.match(await hostRefuses(pc, words), /can be used|became full|must stay free/)
        assert.deepEqual(
          (await cartridges(pc)).map(({ name }) => name),
          ['guest'],
        )
        await expectWritesOn(pc, await lastRecord(pc))
      },
    )
    await step(
      'on a disk that is full to the last block, the guest stands still, loses nothing, and goes on when there is room',
      async () => {
        await pc.shell(`dd if=/dev/urandom of=${data}/rest bs=1M; sync -f ${data}`, { limitS: 200 })
        await eventually(
          'the guest stands still',
          async () => {
            const { stdout } = await pc.shell(
              'journalctl -b -u deskvisor-boot | grep -c "The data partition is full"',
            )
            return stdout.trim() !== '0'
          },
          200,
        )
        assert.ok(await consoleRuns(pc))
        await hostRuns(pc, `rm ${data}/full ${data}/rest /run/some.raw && sync -f ${data}`)
        await eventually(
          'the guest answers again',
          () =>
            lastRecord(pc).then(
              () => true,
              () => false,
            ),
          120,
        )
        await expectWritesOn(pc, await lastRecord(pc))
        const kernelLog = await guestRuns(pc, ['/usr/bin/dmesg'])
        assert.match(kernelLog, /Linux version/, 'its beginning is gone')
        assert.doesNotMatch(kernelLog, /i\/o error/i)
        assert.equal((await take(pc, 'room again')).consistency, 'frozen')
      },
    )
  },
  { limitS: 1800 },
)

async function cartridges(pc: Computer): Promise<CartridgeInfo[]> {
  return JSON.parse(await hostRuns(pc, ['deskvisor', 'cartridge', 'list', '--json'])) as CartridgeInfo[]
}

/** Takes a snapshot while the guest runs, and returns it. */
async function take(pc: Computer, note: string): Promise<Snapshot> {
  await hostRuns(pc, ['deskvisor', 'snapshot', 'take', '--note', note], 200)
  const taken = (await timeline(pc)).snapshots.find((snapshot) => snapshot.note === note)
  assert.ok(taken, `The moment "${note}" is not there`)
  return taken
}

/** Apart from the guest agent, which has answered by then. */
async function guestRunsLater(pc: Computer, script: string): Promise<void> {
  const start = `rm -f /run/listening
setsid bash -c "$0" </dev/null >/dev/null 2>&1 &
until [ -e /run/listening ]; do sleep 0.1; done`
  await guestRuns(pc, ['/bin/sh', '-c', start, `${untilNudged}${script}`])
  await pc.guest.nudge()
}

/** Waits until the guest has written more than `before`; meanwhile its agent may be silent, or lie. */
function expectWritesOn(pc: Computer, before: string): Promise<void> {
  const writes = () =>
    lastRecord(pc).then(
      (record) => record !== before,
      () => false,
    )
  return eventually('the guest writes on', writes, 240)
}

async function guestUuid(pc: Computer): Promise<string> {
  return (await guestRuns(pc, 'cat /sys/class/dmi/id/product_uuid')).trim()
}

/** Writes it to the disk and to a UEFI variable: four bytes of attributes (non-volatile, at boot and at run time), then the value. */
async function setMark(pc: Computer, value: string): Promise<void> {
  await guestRuns(pc, `echo ${value} >${mark} && sync ${mark}`)
  const write = `chattr -i ${variable} 2>/dev/null; printf '\\007\\000\\000\\000${value}' >${variable}`
  await guestRuns(pc, `${mountVariables}; ${write}`)
}

async function expectMark(pc: Computer, value: string): Promise<void> {
  assert.equal(await guestRuns(pc, ['/bin/cat', mark]), `${value}\n`)
  // Variables are no files in which tail could seek.
  assert.equal(await guestRuns(pc, `${mountVariables}; cat ${variable} | tail -c +5`), value)
}
