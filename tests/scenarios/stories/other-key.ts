import assert from 'node:assert/strict'
import { consoleRuns, eventually, statusOf } from '../expect.ts'
import { scenario } from '../scenario.ts'

export default scenario(
  'pc',
  'other-key',
  'with a key held that is not the boot key the desktop starts, and waits no longer than a keyboard needs',
  async ({ start }) => {
    // On USB, where Linux never loses the keyboard to a key that is held (lost-keyboard).
    const pc = await start({ keyboards: ['usb'] })
    const release = pc.hold('f9')
    await eventually('the VM is started', () => consoleRuns(pc), 600)
    await release()
    const { intent } = await statusOf(pc)
    assert.equal(intent?.intent, 'desktop')
    assert.equal(intent?.reason.code, 'normal')
    assert.ok((intent?.waitedMs ?? Number.NaN) <= 100, `It waited ${intent?.waitedMs} ms`)
  },
)
