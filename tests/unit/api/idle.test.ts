import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Background } from '../../../orchestrator/api/background.ts'
import { untilOver } from '../../../orchestrator/api/serve.ts'
import { startDaemon } from '../fixtures/daemon.ts'

t.test('a daemon that measures stays, and is over once it has', async (t) => {
  const { service, app } = await startDaemon(t)
  const { promise: measured, resolve: measure } = Promise.withResolvers<void>()
  service.background.start('measure gondor', () => measured)
  let over = false
  const ended = untilOver(service, app, 20).then(() => {
    over = true
  })
  await sleep(200)
  t.equal(over, false)
  measure()
  await ended
  t.equal(service.background.busy, false)
})

t.test('work in the background is done once at a time, and ends when it is asked to', async (t) => {
  const background = new Background()
  let begun = 0
  const untilAborted = (signal: AbortSignal) => {
    begun++
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }
  background.start('measure gondor', untilAborted)
  background.start('measure gondor', untilAborted)
  background.start('measure rohan', untilAborted)
  t.equal(begun, 2)
  await background.endAll()
  t.equal(background.busy, false)
  background.start('measure gondor', async () => begun++)
  t.equal(begun, 3, 'and may begin again')
})
