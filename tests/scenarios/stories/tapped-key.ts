import { setTimeout as sleep } from 'node:timers/promises'
import { expectMenuByBootKey } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'tapped-key',
  'F8 tapped now and then, never held, shows the menu',
  async (stage) => {
    const pc = await stage.start()
    let tapping = true
    const tapper = (async () => {
      while (tapping) {
        await pc.tap('f8')
        await sleep(400)
      }
    })().catch(() => undefined)
    try {
      await expectMenuByBootKey(pc)
    } finally {
      tapping = false
      await tapper
    }
  },
)
