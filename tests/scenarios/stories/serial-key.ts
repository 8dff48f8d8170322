import { expectMenu, menu } from '../expect.ts'
import { scenario } from '../scenario.ts'

/** F8 as vt220 and xterm send it. */
const f8 = '\x1b[19~'

export default scenario(
  'pc',
  'serial-key',
  'F8 typed on a serial console shows the menu there',
  async (stage) => {
    const { step } = stage
    const pc = await stage.start({ keyboards: [], kernelArguments: ['console=tty0', 'console=ttyS0,115200'] })
    // The firmware reads the serial line too, and takes the first byte of the sequence for its setup key.
    await pc.waitForKernel()
    const stop = pc.serial.repeat(f8, 250)
    try {
      await step('the decision is recovery', () => expectMenu(pc, 'boot-key'))
    } finally {
      stop()
    }
    await step('the menu is on the serial terminal too', async () => {
      await pc.serial.waitFor(menu, { signal: stage.signal })
    })
  },
)
