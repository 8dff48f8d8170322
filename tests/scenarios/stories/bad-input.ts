import type { Reason } from '../../../orchestrator/boot/types.ts'
import type { Computer } from '../computer.ts'
import { expectMenu, hostRuns } from '../expect.ts'
import { scenario } from '../scenario.ts'

const data = '/var/lib/deskvisor'
const cartridge = `${data}/cartridges/guest`

/** What is damaged, as shell, and where that leads. `$1` of a damage is the file. */
const damages: { sentence: string; file: string; damage: string; code: Reason['code'] }[] = [
  {
    sentence: 'random bytes in place of deskvisor.toml',
    file: `${data}/deskvisor.toml`,
    damage: 'head -c 1048576 /dev/urandom >"$1"',
    code: 'invalid-config',
  },
  {
    sentence: 'a pipe in place of deskvisor.toml, for which nobody waits',
    file: `${data}/deskvisor.toml`,
    damage: 'mkfifo "$1"',
    code: 'invalid-config',
  },
  {
    sentence: 'a folder in place of the counter of failed starts',
    file: `${data}/boot/attempts`,
    damage: 'mkdir "$1"',
    code: 'failed-starts',
  },
  {
    sentence: 'NUL bytes in place of the one-shot flag',
    file: `${data}/boot/next`,
    damage: 'head -c 4096 /dev/zero >"$1"',
    code: 'next-boot',
  },
  {
    sentence: 'a link out of the store in place of the inserted cartridge',
    file: `${data}/console/cartridge`,
    damage: 'ln -s ../../../../etc "$1"',
    code: 'no-cartridge',
  },
  {
    sentence: 'random bytes in place of cartridge.json',
    file: `${cartridge}/cartridge.json`,
    damage: 'head -c 65536 /dev/urandom >"$1"',
    code: 'no-cartridge',
  },
  {
    sentence: 'an empty disk',
    file: `$(readlink -f ${cartridge}/present)/disk.raw`,
    damage: ': >"$1"',
    code: 'no-cartridge',
  },
]

export default scenario(
  'container',
  'bad-input',
  'a damaged file on the data partition leads to the menu with its reason, and nothing is lost',
  async (stage) => {
    const { step } = stage
    const pc = await stage.start({ recovery: true })
    await expectMenu(pc, 'next-boot')
    const before = await inventory(pc)

    for (const { sentence, file, damage, code } of damages) {
      await step(sentence, async () => {
        await hostRuns(
          pc,
          `set -- "${file}"; mkdir -p "$(dirname "$1")"; mv "$1" "$1.kept" 2>/dev/null; ${damage} && sync`,
        )
        await decideAgain(pc)
        await expectMenu(pc, code)
        await hostRuns(
          pc,
          `set -- "${file}"; rm -rf "$1" "$1".unreadable-*; mv "$1.kept" "$1" 2>/dev/null; sync`,
        )
      })
    }
    await step('put right, everything is where it was', async () => {
      const after = await inventory(pc)
      if (after !== before) throw new Error(`Before:\n${before}\nAfter:\n${after}`)
      await hostRuns(pc, ['deskvisor', 'recovery', '--next-boot'])
      await decideAgain(pc)
      await expectMenu(pc, 'next-boot')
    })
  },
)

/**
 * As a boot without a key would, not knowing what the last one decided, and not as the sixth start within a minute; the rest of
 * the host need not restart.
 */
async function decideAgain(pc: Computer): Promise<void> {
  const unit = 'deskvisor-boot.service'
  await hostRuns(
    pc,
    `rm -f /run/deskvisor/boot-key.json /run/deskvisor/intent.json; systemctl reset-failed ${unit}; systemctl restart ${unit}`,
  )
}

/** Names, sizes and owners of all that belongs to the cartridge, but for snapshots: an hour may begin meanwhile. */
function inventory(pc: Computer): Promise<string> {
  return hostRuns(pc, `cd ${data} && ls -lAR -I snapshots -I timeline --time-style=+ cartridges console`)
}
