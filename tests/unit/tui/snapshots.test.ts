import { mock } from 'node:test'
import t from 'tap'
import { DeskvisorError, type NextStep, type Snapshot } from '../../../orchestrator/api/index.ts'
import { App } from '../../../tui/full/app.ts'
import { errorMessage } from '../../../tui/full/error.ts'
import { hintOf } from '../../../tui/hints.ts'
import { shortName } from '../../../tui/names.ts'
import { snapshotDetails } from '../../../tui/screens/timeline/details.ts'
import { TimelineList } from '../../../tui/screens/timeline/list.ts'
import { timelinePage } from '../../../tui/screens/timeline/page.ts'
import { rowsOf, searchText, suggested } from '../../../tui/snapshots.ts'
import { spoken, spokenError } from '../../../tui/spoken.ts'
import { type Line, widthOf, wrap } from '../../../tui/terminal/text.ts'
import { ageOf, clockOf, partOf, whenOf } from '../../../tui/time.ts'
import { ChoiceView } from '../../../tui/views/choice.ts'
import { dialog } from '../../../tui/widgets/dialog.ts'
import { progressBar } from '../../../tui/widgets/progress-bar.ts'
import { jumpedTo, scrolledTo } from '../../../tui/widgets/scrolled.ts'
import { edited } from '../../../tui/widgets/text-field.ts'
import { menuApi } from '../fixtures/menu-api.ts'
import { snapshot } from '../fixtures/time-machine.ts'

// The words are in local time; no clock is set forward or back in UTC.
process.env.TZ = 'UTC'
const NOW = new Date(2026, 10, 20, 21, 5).getTime()
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

function at(age: number, change: Partial<Snapshot> = {}): Snapshot {
  return snapshot(0, { ...change, name: `${age}`, takenAt: new Date(NOW - age).toISOString() })
}

function textOf(lines: Line[]): string {
  return lines.map((spans) => spans.map(({ text }) => text).join('')).join('\n')
}

t.test('times in words', async (test) => {
  const cases: [age: number, ageWords: string, part: string, when: string][] = [
    [10_000, 'just now', 'In the last hour', 'today, 21:04'],
    [MINUTE, 'a minute ago', 'In the last hour', 'today, 21:04'],
    [44 * MINUTE, '44 minutes ago', 'In the last hour', 'today, 20:21'],
    [HOUR, 'an hour ago', 'An hour ago', 'today, 20:05'],
    [5 * HOUR, '5 hours ago', 'Earlier today', 'today, 16:05'],
    [DAY, 'a day ago', 'Yesterday', 'yesterday, 21:05'],
    [3 * DAY, '3 days ago', 'Tuesday', 'Tue 17 November, 21:05'],
    [20 * DAY, '3 weeks ago', '31 October', 'Sat 31 October, 21:05'],
    [365 * DAY, '12 months ago', '20 November 2025', 'Thu 20 November 2025, 21:05'],
    [2000 * DAY, '5 years ago', '30 May 2021', 'Sun 30 May 2021, 21:05'],
    [-HOUR, 'later than the clock of this computer', 'Later than the clock', 'today, 22:05'],
    [Number.NaN, 'at an unknown time', 'At an unknown time', 'an unknown time'],
  ]
  for (const [age, ageWords, part, when] of cases) {
    test.equal(ageOf(NOW - age, NOW), ageWords)
    test.equal(partOf(NOW - age, NOW), part)
    test.equal(whenOf(NOW - age, NOW), when)
  }
  test.equal(clockOf(Number.NaN), '--:--')
})

t.test('moments under headings as people think', async (test) => {
  const snapshots = [
    at(10 * MINUTE),
    at(HOUR),
    at(5 * HOUR, { kind: 'boot' }),
    at(6 * HOUR),
    at(DAY),
    at(DAY + HOUR, { kind: 'boot' }),
    at(3 * DAY),
  ]
  const headings = rowsOf(snapshots, NOW).map((row) => ('heading' in row ? row.heading : row.index))
  test.same(headings, [
    'In the last hour',
    0,
    'An hour ago',
    1,
    'Last restart, earlier today',
    2,
    'Earlier today',
    3,
    'Yesterday',
    4,
    5,
    'Tuesday',
    6,
  ])
})

t.test('the moment that most probably helps is chosen', async (test) => {
  const present = { from: null, byReset: false, inVain: [] }
  const place = (...snapshots: Snapshot[]) => suggested({ snapshots, present })
  test.equal(place(at(1), at(2, { healthy: true }), at(3, { healthy: true })), 1, 'the newest known good')
  test.equal(place(at(1, { kind: 'before-rollback' }), at(2), at(3)), 1, 'not what was given up')
  test.equal(place(at(1, { kind: 'before-rollback', healthy: true }), at(2), at(3)), 1)
  test.equal(place(at(1, { kind: 'before-rollback' })), 0)
  test.equal(place(), 0)
})

t.test('what did not help is not proposed again', async (test) => {
  const healthy = true
  const saved = at(1, { kind: 'before-rollback' })
  const place = (inVain: number[], ...snapshots: Snapshot[]) =>
    suggested({ snapshots, present: { from: `${inVain[0]}`, byReset: false, inVain: inVain.map(String) } })
  const three = [saved, at(2, { healthy }), at(3), at(4, { healthy }), at(5, { healthy })]
  test.equal(place([2], ...three), 3, 'the next older one that is known good')
  test.equal(place([4, 2], ...three), 4)
  test.equal(place([4], ...three), 4, 'a newer one was passed over by the person')
  test.equal(place([5], ...three), 1, 'until there is no older one')
  test.equal(place([5, 4, 2], ...three), 2, 'then one that nobody knows about')
  test.equal(place([2], saved, at(2, { healthy }), at(3)), 2, 'older ones that nobody knows about first')
  test.equal(place([2], saved, at(2, { healthy })), 1, 'and rather the same than nothing')
  test.equal(place([1, 2], at(0, { kind: 'before-rollback' }), ...three), 4, 'after an undo too')
  test.equal(place([9], ...three), 1, 'a moment that is gone says nothing about the others')
})

t.test('a moment is found by what a person remembers', async (test) => {
  const text = searchText(at(3 * DAY, { kind: 'manual', note: 'Drucker \x1b[31mneu', pinned: true }), NOW)
  for (const word of ['tuesday', '17 november', 'by hand', 'drucker neu', 'bazzite', 'pinned']) {
    test.match(text, word)
  }
  test.notMatch(text, 'known good')
})

/** All that can be true of a snapshot at once. */
const about = {
  now: NOW,
  suggested: true,
  trying: true,
  undo: true,
  wentBack: 'You went back to this moment already.',
}

t.test('everything about a moment', async (test) => {
  const full = at(DAY, { healthy: true, note: 'n', pinned: true, consistency: 'crash-consistent' })
  const text = textOf(snapshotDetails(full, about, 60, 30))
  for (const part of [
    'A day ago',
    'Yesterday, 21:05',
    'Known good',
    'Note: n',
    'the one to try first',
    'You asked to try',
    'key u returns',
    'You went back to this moment already.',
    'Kept by itself',
    'Pinned',
    'System: Bazzite 42',
    'Written since the one before: 1.5 GB',
    'only it needs: 300 MB',
    'desktop was busy',
  ]) {
    test.match(text, part)
  }
  const bare = { exclusiveBytes: null, writtenBytes: null, osLabel: null }
  const short = textOf(snapshotDetails(at(HOUR, bare), { ...about, trying: false }, 38, 4))
  test.match(short, 'An hour ago, not known whether good')
  test.match(short, 'not measured')
  test.match(short, 'You went back to this')
})

t.test('small screens show what matters of a moment, and no number without its unit', async (test) => {
  const full = at(DAY, {
    healthy: true,
    note: 'word '.repeat(40),
    pinned: true,
    consistency: 'crash-consistent',
    osLabel: 'Bazzite 42 with a very long name of its own, as some have',
    writtenBytes: 954 * 2 ** 20,
  })
  // The right side of 80x24, under one and under two rows of headline.
  for (const rows of [18, 17]) {
    const lines = textOf(snapshotDetails(full, about, 29, rows)).split('\n')
    test.ok(lines.length <= rows)
    const text = lines.join(' ').replace(/ +/g, ' ')
    for (const part of [
      'Known good',
      'You went back to',
      'asked to try',
      'key u',
      'desktop was busy',
      'Kept by itself',
    ]) {
      test.match(text, part)
    }
    test.notMatch(lines.join('\n'), /\d\n[MG]B/)
  }
  const plain = { ...about, trying: false, undo: false, wentBack: '' }
  const usual = textOf(snapshotDetails({ ...full, note: 'before the scanner' }, plain, 29, 18))
  const oneLine = usual.replace(/\s+/g, ' ')
  for (const part of ['Written 954 MB, needs 300 MB', 'desktop was busy', 'Pinned', 'Bazzite'])
    test.match(oneLine, part)
  // Below the list of 40x12.
  const small = textOf(snapshotDetails(full, plain, 38, 4)).split('\n')
  test.match(small, [
    'A day ago, known good',
    /^pinned, word word/,
    'Written 954 MB, needs 300 MB',
    /^Kept every hour, taken while busy/,
  ])
  test.match(
    textOf(snapshotDetails(at(DAY, { osLabel: null }), plain, 38, 4)),
    'Kept by itself, as every hour.',
  )
})

t.test('a line does not end between a number and its unit', async (test) => {
  test.same(wrap('This frees 300 MB. It is 43 % of it', 15), ['This frees', '300 MB. It is', '43 % of it'])
  test.same(wrap('It has 3 systems', 9), ['It has 3', 'systems'])
  test.same(wrap('300 MB', 4), ['300', 'MB'], 'unless there is no other place')
})

t.test('what the machine says is said in the words of the menu', async (test) => {
  const again = '2026-11-20T20:05:03Z-before-rollback-2'
  test.equal(spoken(`Taking gondor back to ${again}`, again, NOW), 'Taking gondor back to today, 20:05')
  const boot = '2026-11-19T20:05:03Z-boot'
  test.equal(spoken(`${boot} is gone.`, boot, NOW), 'The moment of yesterday, 20:05 is gone.')
  test.equal(
    spoken(`/mnt/${boot} is no folder.`),
    `/mnt/${boot} is no folder.`,
    'what is no moment stays as it is',
  )
  test.equal(spoken('There is no moment with the name x.', 'x', NOW), 'There is no moment with the name x.')
  const gone = new DeskvisorError('being-tried', `${again} is being tried.`, { snapshot: again })
  test.match(spokenError(gone), /^The moment of .+20:05 is being tried\.$/)
  const hint = (...next: (string | NextStep)[]) => hintOf(new DeskvisorError('internal', 'No.', { next }))
  const list = 'deskvisor snapshot list'
  const floor = {
    do: 'edit-config',
    text: 'Or lower {setting}.',
    setting: '[snapshots] free_floor_gib',
  } as const
  test.equal(hint({ do: 'decide-try' }), 'Decide about it first: the key k in the list of moments.')
  test.match(hint({ do: 'see', command: list }), /^Perhaps somebody changed it meanwhile; the lists/)
  test.equal(hint({ do: 'run', text: '{command} says all.', command: list }), 'The logs may say more.')
  test.equal(hint({ do: 'read-journal', which: '-b' }), 'The logs may say more.')
  test.equal(hint('Try again.', { do: 'read-journal', which: '-b' }), 'Try again.')
  test.equal(hint('Delete moments.', floor), 'Delete moments.')
  test.equal(
    hint(floor),
    'Or lower [snapshots] free_floor_gib in deskvisor.toml.',
    'where nothing else helps',
  )
  test.notMatch(hint({ do: 'force' }), '--force')
  test.equal(hint(), 'The logs may say more.')
  test.equal(hintOf(new Error('No.')), 'The logs may say more.')
})

t.test('work that was done is not told as a failure', async (test) => {
  const view = errorMessage(new DeskvisorError('desktop-not-started', 'The work is done, but ...'), 'Back')
  test.equal(view.title, 'The desktop did not start')
  test.match(view.help[0], 'What you asked for is done')
  test.notMatch(view.help.join(' '), 'Nothing else has changed')
})

t.test(
  'a thousand moments: only rows in view become text, and the bar is always among them',
  async (test) => {
    const list = new TimelineList()
    list.setSnapshots(
      Array.from({ length: 1000 }, (_, index) => snapshot(index * HOUR)),
      500,
    )
    for (const key of ['down', 'pagedown', 'end', 'up', 'pageup', 'home', 'end'] as const) {
      list.move(key)
      const lines = list.draw(40, 10)
      test.equal(lines.length, 10)
      test.equal(lines.filter((spans) => spans[0]?.style === 'selected').length, 1, key)
      test.ok(lines.every((spans) => widthOf(spans) <= 40))
    }
  },
)

t.test('arrow keys leave most of the list as it is', async (test) => {
  const list = new TimelineList()
  list.setSnapshots(
    Array.from({ length: 200 }, (_, index) => at(index * 10 * MINUTE)),
    0,
  )
  const picture = () => textOf(list.draw(40, 12))
  let scrolls = 0
  for (let key = 0, before = picture(); key < 100; key++, before = picture()) {
    list.move('down')
    if (picture() !== before) scrolls++
  }
  test.ok(scrolls > 5 && scrolls < 35, `it scrolled ${scrolls} times in 100 keys`)
})

t.test('the bar stays on its moment when others come and go', async (test) => {
  const list = new TimelineList()
  const [first, second, third] = [at(1), at(2), at(3)]
  list.setSnapshots([first, second, third], 1)
  list.setSnapshots([at(0), first, second, third], 0)
  test.equal(list.selected, second)
  list.setSnapshots([first, third], 0)
  test.equal(list.selected, third, 'and in its place when its moment is gone')
  list.setFilter('no such word')
  test.equal(list.selected, undefined)
  test.same(list.draw(40, 5), [])
})

t.test('pages and dialogs fit every size', async (test) => {
  const list = new TimelineList()
  list.setSnapshots([at(1), at(DAY, { note: 'x'.repeat(500) })], 1)
  for (let rows = 1; rows < 40; rows++) {
    for (const columns of [20, 40, 69, 70, 80, 200]) {
      const page = {
        headline: 'Choose a moment '.repeat(9),
        list: (width: number, height: number) => list.draw(width, height),
        details: (width: number, height: number) =>
          snapshotDetails(list.selected ?? at(1), about, width, height),
      }
      const lines = timelinePage(page, { rows, columns })
      test.ok(lines.length <= rows)
      test.ok(lines.every((spans) => widthOf(spans) <= columns))
      const answers = ['No', 'Yes']
      const question = dialog({ text: ['word '.repeat(60), 'more'], answers, selected: 0 }, columns, rows)
      test.ok(question.length <= rows)
      if (rows >= 3) test.match(textOf(question), /No.*Yes/s)
    }
  }
})

t.test('short names from titles', async (test) => {
  test.equal(shortName('Windows 11 (copy)', []), 'windows-11-copy')
  test.equal(shortName('Bücher & Müll', []), 'bücher-müll')
  test.equal(shortName('../../etc', []), 'etc')
  test.equal(shortName(' \u0000!? ', []), 'system')
  test.equal(shortName('Gondor', ['GONDOR', 'gondor-2']), 'gondor-3')
  test.ok(shortName('x'.repeat(500), []).length <= 64)
})

t.test('small widgets', async (test) => {
  test.equal(edited('ab', { name: 'backspace' }, 9), 'a')
  test.equal(edited('ab', { name: 'char', char: 'c' }, 2), 'ab')
  test.equal(edited('ab', { name: 'up' }, 9), null)
  test.equal(scrolledTo(0, 30, 10, 100), 21)
  test.equal(scrolledTo(25, 30, 10, 100), 25)
  test.equal(scrolledTo(95, 99, 10, 100), 90)
  test.equal(jumpedTo(0, 10, 10, 100), 5, 'half a window further')
  test.equal(jumpedTo(5, 14, 10, 100), 5, 'and then it stands still')
  test.equal(jumpedTo(5, 4, 10, 100), 0)
  test.equal(jumpedTo(80, 99, 10, 100), 90, 'but not over the end')
  test.match(textOf([progressBar(0.999, 20)]), ' 99 %')
  test.equal(widthOf(progressBar(2, 20)), 20)
  test.equal(textOf([progressBar(null, 20)]), '')
})

t.test('nothing starts by itself in a menu that hung up', async (test) => {
  mock.timers.enable({ apis: ['setInterval'] })
  test.teardown(() => mock.timers.reset())
  const nowhere = { size: () => ({ rows: 24, columns: 80 }), paint() {}, reset() {}, shell: async () => {} }
  const app = new App(
    menuApi({}, () => {}),
    nowhere,
  )
  let started = 0
  const inTwoSeconds = () => {
    const answers = [{ label: 'Start the desktop', value: true }]
    const countdown = { seconds: 2, text: String }
    const question = { title: '', text: [], answers, help: [], countdown }
    return new ChoiceView(
      question,
      () => void started++,
      () => app.redraw(),
    )
  }
  app.open(inTwoSeconds())
  mock.timers.tick(2000)
  test.equal(started, 1, 'it does while somebody may see it')
  app.open(inTwoSeconds())
  app.end()
  app.openAtHome(inTwoSeconds())
  mock.timers.tick(60_000)
  test.equal(started, 1)
})
