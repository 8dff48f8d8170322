import t from 'tap'
import { regularly } from '../../../orchestrator/console/regularly.ts'
import { heldClock } from '../fixtures/clock.ts'

const pace = { everyMs: 30_000, soonMs: 2000 }

/** When work was done, on a held clock; it takes no time there. */
function looking() {
  const { clock, goTo } = heldClock()
  const times: number[] = []
  const looks = regularly(clock, async () => void times.push(clock.now()), pace)
  return { times, looks, goTo, clock }
}

t.test('what is due is done at once, and then at its own pace', async (t) => {
  const { times, looks, goTo } = looking()
  await goTo(70_000)
  t.same(times, [0, 30_000, 60_000])
  looks.end()
  await goTo(200_000)
  t.equal(times.length, 3)
})

t.test('asked for ten times a second, it comes sooner, and never later', async (t) => {
  const { times, looks, goTo } = looking()
  await goTo(28_900)
  await goTo(40_000, () => looks.soon())
  t.same(times, [0, 30_000, 32_100, 34_200, 36_300, 38_400])
})

t.test('asked for while it is at work, it comes again soon, and not at the same time', async (t) => {
  const { clock, goTo } = heldClock()
  const times: number[] = []
  let done = () => {}
  const looks = regularly(
    clock,
    () => {
      times.push(clock.now())
      return new Promise<void>((resolve) => {
        done = resolve
      })
    },
    pace,
  )
  await goTo(10_000, () => looks.soon())
  t.same(times, [0], 'the first is still at work')
  done()
  await new Promise(setImmediate)
  await goTo(13_000)
  t.same(times, [0, 12_000])
  looks.end()
  done()
  await new Promise(setImmediate)
  await goTo(100_000)
  t.equal(times.length, 2, 'nothing after the end')
})
