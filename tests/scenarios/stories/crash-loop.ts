import assert from 'node:assert/strict'
import { expectMenu, killUntilRestart } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'crash-loop',
  'a VM that dies again and again leaves a PC that shows the menu, which draws on the card that the VM had',
  async ({ resume }) => {
    const { pc } = await resume('desktop')
    await killUntilRestart(pc)
    const text = await expectMenu(pc, 'crash-loop')
    assert.match(text, /crash|ended|died|stopped/i)
  },
)
