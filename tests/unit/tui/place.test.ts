import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { App } from '../../../tui/full/app.ts'
import type { Person, Story } from '../../../tui/person.ts'
import { confirm, tell } from '../../../tui/questions.ts'
import type { Key } from '../../../tui/terminal/keys.ts'
import type { Line } from '../../../tui/terminal/text.ts'
import { menuApi } from '../fixtures/menu-api.ts'

/** A menu on a screen that is only remembered. */
function menu() {
  let shown: Line[] = []
  const app = new App(
    menuApi({}, () => {}),
    {
      size: () => ({ rows: 24, columns: 80 }),
      paint: (lines) => {
        shown = lines
      },
      reset() {},
      shell: async () => {},
    },
  )
  app.redraw()
  return {
    app,
    get text() {
      return shown.map((spans) => spans.map(({ text }) => text).join('')).join('\n')
    },
    async press(...names: Exclude<Key['name'], 'char'>[]) {
      for (const name of names) app.onKey({ name })
      await setImmediate()
    },
  }
}

const HOME = 'Start the desktop'
const question = { title: 'Q', text: ['Really?'], no: 'No', yes: 'Yes', help: [] }

t.test('Esc answers null and leads back', async (test) => {
  const screen = menu()
  const answers: unknown[] = []
  screen.app.tell(async (person) => {
    answers.push(await confirm(person, question))
    answers.push(await person.askText({ title: 'T', text: ['Name?'], value: 'x', longest: 9 }))
  })
  test.match(screen.text, 'Really?')
  await screen.press('escape')
  test.match(screen.text, 'Name?')
  await screen.press('escape')
  test.same(answers, [false, null])
  test.match(screen.text, HOME)
})

t.test('what is left takes no key that came with the same bytes', async (test) => {
  const screen = menu()
  const pressed: string[] = []
  screen.app.tell((person) =>
    person.openList({
      title: 'L',
      looking: 'Looking...',
      load: async () => ({ title: 'L', headline: 'Choose.', items: [], help: [] }),
      view: async () => (context) => ({
        title: 'L',
        help: [],
        keys: () => [],
        draw: () => ({ lines: [] }),
        leave: context.leave,
        onKey: ({ name }) => void pressed.push(name),
      }),
    }),
  )
  await setImmediate()
  screen.app.onKey({ name: 'tab' })
  screen.app.onKey({ name: 'escape' })
  screen.app.onKey({ name: 'tab' })
  await setImmediate()
  test.same(pressed, ['tab'])
  test.match(screen.text, HOME)
})

t.test('what counts down stops also when somebody asks for help', async (test) => {
  const screen = menu()
  screen.app.tell(async (person) => {
    await person.choose({
      ...question,
      answers: [{ label: 'Start', value: true }],
      countdown: { seconds: 9, text: (left) => `Starts in ${left} s.` },
    })
  })
  test.match(screen.text, 'Starts in 9 s.')
  await screen.press('f1', 'escape')
  test.match(screen.text, 'Really?')
  test.notMatch(screen.text, 'Starts in')
})

t.test('a second Enter does not answer twice', async (test) => {
  const screen = menu()
  let done = 0
  screen.app.tell(async (person) => {
    if (await confirm(person, question)) done++
    await tell(person, 'D', ['It is done.'])
  })
  await screen.press('down', 'enter', 'enter')
  test.equal(done, 1)
  test.match(screen.text, 'It is done.')
})

for (const [outcome, settle] of [
  ['what was looked up', () => Promise.resolve(['x'])],
  ['why it could not be', () => Promise.reject(new Error('No disk.'))],
] as const) {
  t.test(`who leaves meanwhile is not told ${outcome}`, async (test) => {
    const screen = menu()
    const { promise, resolve } = Promise.withResolvers<void>()
    screen.app.tell(async (person) => {
      const found = await person.look('L', 'Looking...', () => promise.then(settle))
      await tell(person, 'Found', found)
    })
    test.match(screen.text, 'Looking...')
    await screen.press('escape')
    test.match(screen.text, HOME)
    resolve()
    await setImmediate()
    test.match(screen.text, HOME)
  })
}

t.test('what went wrong is told on the first screen when the person has left', async (test) => {
  const screen = menu()
  const { promise, reject } = Promise.withResolvers<void>()
  screen.app.tell((person) => person.perform('P', () => promise))
  await screen.press('escape')
  screen.app.tell((person) => tell(person, 'Other', ['Something else.']))
  reject(new Error('The disk is full.'))
  await setImmediate()
  test.match(screen.text, 'Something else.', 'but not over another screen')
  await screen.press('enter')
  test.match(screen.text, 'The disk is full.')
  test.match(screen.text, 'Back to the menu')
  await screen.press('enter')
  test.match(screen.text, HOME)
})

t.test('a list opens a story on top of itself, and is made again afterwards', async (test) => {
  const screen = menu()
  let made = 0
  const open: Story = (person) => tell(person, 'I', ['Inside.'])
  const load = async () => ({
    title: 'List',
    headline: `Made ${++made} times.`,
    items: [{ id: 'a', label: 'One item', about: [], open }],
    help: [],
    commands: [{ key: 'w', does: 'work', act: async () => 'Worked.' }],
  })
  let left = false
  screen.app.tell(async (person: Person) => {
    await person.openList({ title: 'List', looking: 'Looking...', load })
    left = true
  })
  await setImmediate()
  test.match(screen.text, 'Made 1 times.')
  await screen.press('enter')
  test.match(screen.text, 'Inside.')
  await screen.press('escape')
  test.match(screen.text, 'Made 2 times.')
  screen.app.onKey({ name: 'char', char: 'w' })
  await setImmediate()
  test.match(screen.text, 'Worked.')
  await screen.press('down')
  test.match(screen.text, 'Made 3 times.', 'the news goes with the next key')
  screen.app.onKey({ name: 'char', char: 'q' })
  await setImmediate()
  test.ok(left)
  test.match(screen.text, HOME)
})
