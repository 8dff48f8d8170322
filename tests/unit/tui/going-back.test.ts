import { KEYS, type Setup, withPerson } from '../fixtures/person.ts'
import { snapshot, type TimeMachineSettings } from '../fixtures/time-machine.ts'

const HOSTILE =
  'Evil\x1b]0;owned\x07\x1b[2J\x1b[31m\r\n\x9b5m\x00\x07 \u202egnol \u65e5\u672c\u8a9e M\u00fcller '
const DAY = 24 * 60 * 60_000

/** A setup with this time machine; the console runs when `running` is true. */
function machine(
  time: TimeMachineSettings,
  { running = false, ...setup }: Setup & { running?: boolean } = {},
) {
  const console = { running, healthy: running, starts: 1, crashes: 0 }
  const cartridges = time.cartridges ?? [
    { inserted: true, running },
    { name: 'rohan', title: 'Windows 11' },
  ]
  return {
    ...setup,
    env: {
      ...setup.env,
      TUI_TIME: JSON.stringify({ ...time, cartridges }),
      TUI_STATUS: JSON.stringify({ console }),
    },
  }
}

const SIZES = [
  { rows: 24, columns: 80 },
  { rows: 12, columns: 40 },
]

for (const size of SIZES) {
  withPerson(
    `three Enters go back and start the desktop, on ${size.columns}x${size.rows}`,
    size,
    async (test, person) => {
      await person.sees((each) => each.selected.includes('Go back to an earlier moment'))
      person.type(KEYS.enter)
      await person.sees('Start of the desktop')
      test.match(person.selected, /good/, 'the newest known good moment is chosen')
      test.match(person.text, 'A day ago')
      person.type(KEYS.enter)
      await person.sees('Go back to this moment')
      test.match(person.selected, 'Go back to this moment')
      const sentence = person.text.replace(/[^\w",.:?-]+/g, ' ')
      test.match(sentence, /Go back to .*\d\d:\d\d\?/)
      test.match(sentence, 'becomes as it was then')
      test.match(
        sentence,
        'What you have now is kept: to undo this, open "Go back" in this menu and press u.',
      )
      person.type(KEYS.enter)
      await person.sees('You are back at')
      test.match(person.text, 'What you had before is kept.')
      test.match(person.text, /desktop starts in \d s/)
      await person.sees('This screen will go dark')
      test.match(person.calls, [/^rollBack "gondor" ".*Z-boot" \{"force":false\}$/, 'startDesktop'])
    },
  )
}

const failed = [
  snapshot(60_000, { kind: 'before-rollback' }),
  snapshot(DAY, { kind: 'boot', healthy: true, note: 'helped nothing' }),
  snapshot(2 * DAY, { kind: 'boot' }),
  snapshot(3 * DAY, { kind: 'boot', healthy: true, note: 'worked once' }),
]
const inVain = { from: failed[1]?.name ?? null, byReset: false, inVain: [failed[1]?.name ?? ''] }
const afterFailure = machine({
  timeline: { snapshots: failed, undo: failed[0]?.name ?? null, present: inVain },
})
for (const size of SIZES) {
  withPerson(
    `a moment that did not help is not proposed again, on ${size.columns}x${size.rows}`,
    { ...afterFailure, ...size },
    async (test, person) => {
      await person.opens('2', 'worked once')
      test.match(person.selected, 'worked once')
      person.type(KEYS.up + KEYS.up)
      await person.sees(/You went back to this moment\s+.*already\./)
      test.match(person.selected, 'helped nothing')
      person.type(KEYS.enter)
      await person.sees('Go back to this moment')
    },
  )
}

withPerson(
  'on lines of text: a moment that did not help is not proposed again',
  { ...afterFailure, term: 'dumb' },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\r')
    await person.sees((each) => /4 {2}.*worked once, known good, try this one first/.test(each.bytes))
    test.match(person.bytes, /2 {2}.*helped nothing, known good, you went back to this moment already\r/)
  },
)

withPerson('any key stops the desktop from starting by itself', {}, async (test, person) => {
  await person.sees('192.168.1.20')
  person.type(KEYS.enter)
  await person.sees('known good')
  person.type(KEYS.enter)
  await person.sees('Go back to this moment')
  person.type(KEYS.enter)
  await person.sees('The desktop starts in')
  person.type(KEYS.down)
  await person.sees((each) => !each.text.includes('starts in'))
  test.match(person.selected, 'Back to the menu')
  person.type(KEYS.enter)
  await person.sees('You held F8')
  test.equal(person.calls.length, 1)
})

for (const [code, chosen] of [
  ['keyboard-lost', 'Go back'],
  ['failed-starts', 'Go back'],
  ['crash-loop', 'Go back'],
  ['menu-request', 'Start the desktop'],
] as const) {
  const intent = { intent: 'recovery', reason: { code, text: 'This is the reason.' } }
  const env = { TUI_STATUS: JSON.stringify({ intent }) }
  withPerson(`opened by ${code}, "${chosen}" is chosen already`, { env }, async (_, person) => {
    await person.sees((each) => each.selected.includes(chosen) && each.text.includes('This is the reason.'))
  })
}

withPerson(
  'keys that come before a screen is there do nothing',
  { env: { TUI_SLOW: '1500' } },
  async (test, person) => {
    await person.sees('Looking at this computer')
    person.type(`2${KEYS.enter}${KEYS.enter}${KEYS.enter}`)
    await person.sees('known good')
    test.same(person.calls, [])
  },
)

withPerson(
  'a running desktop is shut down first, and by force only after a question',
  machine({ job: 'guest' }, { running: true }),
  async (test, person) => {
    await person.sees('running now')
    person.type('2')
    await person.sees('known good')
    person.type(KEYS.enter)
    await person.sees('it is shut down first')
    test.match(person.selected, 'No, change nothing', 'the safe answer is chosen already')
    person.type(KEYS.up + KEYS.enter)
    await person.sees('The desktop does not shut down.')
    test.match(person.selected, 'Leave it running')
    person.type(KEYS.down + KEYS.enter)
    await person.sees('The desktop is starting.')
    test.match(person.calls, [/force":false/, /force":true/])
  },
)

withPerson(
  'a failure says why, what to do, and nothing starts',
  machine({ job: 'fail' }),
  async (test, person) => {
    await person.opens('2', 'known good')
    person.type(KEYS.enter)
    await person.sees('Go back to this moment')
    person.type(KEYS.enter)
    await person.sees('There is no room for it.')
    test.match(person.text, 'Delete some moments.')
    person.type(KEYS.enter)
    await person.sees('known good')
    test.equal(person.calls.length, 1)
  },
)

for (const size of SIZES) {
  withPerson(
    `work shows how far it is and can be stopped, on ${size.columns}x${size.rows}`,
    machine({ job: 'slow' }, size),
    async (test, person) => {
      await person.opens('2', 'good')
      person.type(KEYS.enter)
      await person.sees('Go back to this moment')
      person.type(KEYS.enter)
      await person.sees('50 %')
      test.match(person.text, 'Copying what was changed')
      person.type(KEYS.escape)
      await person.sees('Stop this?')
      test.match(person.selected, 'No, go on')
      person.type(KEYS.enter)
      await person.sees('50 %')
      person.type(KEYS.escape)
      await person.sees('Stop this?')
      person.type(KEYS.down + KEYS.enter)
      await person.sees('Nothing has changed.')
      person.type(KEYS.enter)
      await person.sees('good')
      test.match(person.calls, [/^rollBack/, 'cancelJob "job-1"'])
    },
  )
}

withPerson(
  'work goes on when the person leaves, and its end is told',
  machine({ job: 'slow' }),
  async (test, person) => {
    await person.opens('2', 'known good')
    person.type('s')
    await person.sees('Keep Bazzite 42 as it is now.')
    person.type(`before the scanner${KEYS.enter}`)
    await person.sees('50 %')
    person.type(`${KEYS.escape}`)
    await person.sees('Stop this?')
    test.match(person.text, /If the desktop was shut\s.*it starts again/s)
    person.type(KEYS.end + KEYS.enter)
    await person.sees(/9 {2}takeSnapshot: 50 %/)
    test.same(person.calls, ['takeSnapshot "gondor" {"kind":"manual","note":"before the scanner"}'])
    person.type('9')
    await person.sees('Bazzite 42 is kept as it is now.')
    person.type(KEYS.escape)
    await person.sees('Stop this?')
    person.type(KEYS.down + KEYS.enter)
    await person.sees('Nothing was kept.')
    person.type(KEYS.enter)
    await person.sees((each) => each.text.includes('You held F8') && !each.text.includes('takeSnapshot'))
  },
)

const importing = { id: 'other', title: `Importing gondor${HOSTILE.slice(4, 30)}`, progress: 0.43 }
for (const size of SIZES) {
  withPerson(
    `a menu that is opened anew shows work that is under way, on ${size.columns}x${size.rows}`,
    machine({ job: 'slow', running: [importing] }, size),
    async (test, person) => {
      await person.sees('Go back to an earlier')
      person.type(KEYS.end)
      await person.sees(/9 {2}Importing gondor.*: 43 %/)
      test.match(person.selected, 'Importing gondor')
      person.type(KEYS.enter)
      await person.sees('50 %')
      test.match(person.text, /Importing gondor.*\.\s+Copying what was changed/)
      person.type(KEYS.escape)
      await person.sees('Stop this?')
      person.type(KEYS.end + KEYS.enter)
      await person.sees(/9 {2}Importing gondor.*: 50 %/)
      person.type(`9${KEYS.escape}`)
      await person.sees('Stop this?')
      person.type(KEYS.down + KEYS.enter)
      await person.sees('What was not finished is put back.')
      person.type(KEYS.enter)
      await person.sees((each) => each.text.includes('Switch off') && !each.text.includes('Importing'))
      test.same(person.calls, ['cancelJob "other"'])
      test.notMatch(person.bytes, '\x1b]0;')
    },
  )
}

withPerson(
  'the end of work of somebody else is told',
  machine({ running: [importing] }),
  async (_, person) => {
    await person.sees(/Importing gondor.*: 43 %/)
    person.type('9')
    await person.sees('It is done.')
    person.type(KEYS.enter)
    await person.sees('You held F8')
  },
)

withPerson(
  'on lines of text: work that is under way',
  { ...machine({ running: [importing] }), term: 'dumb' },
  async (_, person) => {
    await person.sees(/9 {2}Importing gondor.*: 43 %/)
    person.type('9\r')
    await person.sees('It is done.')
  },
)

for (const size of SIZES) {
  withPerson(`moments are found by typing, on ${size.columns}x${size.rows}`, size, async (test, person) => {
    await person.opens('2', 'good')
    person.type('/')
    await person.sees('Only moments with: _')
    person.type('printer?')
    await person.sees('with: printer?_')
    person.type('\x7f')
    await person.sees('before the printer')
    test.notMatch(person.text, 'Start of the desktop')
    person.type(KEYS.enter)
    await person.sees('1 of 5 moments')
    test.match(person.selected, 'before the printer')
    person.type(KEYS.escape)
    await person.sees('Choose a moment')
    test.match(person.selected, 'before the printer', 'the bar stays where it is')
  })
}

withPerson('pin, note and delete', {}, async (test, person) => {
  await person.opens('2', 'known good')
  person.type('p')
  await person.sees('Pinned: it is never deleted by itself.')
  test.match(person.selected, 'pinned, known good')
  person.type('d')
  await person.sees('This frees 300 MB. It cannot be brought back.')
  test.match(person.selected, 'No, keep it')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('A pinned moment is not deleted.')
  person.type(KEYS.enter)
  await person.sees('known good')
  person.type('pn')
  await person.sees('A note for')
  person.type(`it worked here?${KEYS.enter}`)
  await person.sees('The note is kept.')
  person.type(KEYS.enter)
  await person.sees('it worked here?')
  person.type('d')
  await person.sees('Yes, delete it')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('The moment is deleted.')
  person.type(KEYS.enter)
  await person.sees((each) => each.text.includes('before the printer') && !each.text.includes('it worked'))
  test.match(person.calls.at(-1), /^deleteSnapshot "gondor" ".*Z-boot"$/)
})

withPerson('trying a moment starts the desktop with it', {}, async (test, person) => {
  await person.opens('2', 'known good')
  person.type('t')
  await person.sees('stays untouched')
  test.match(person.selected, 'Try it: start the desktop')
  person.type(KEYS.enter)
  await person.sees('It starts as it was then.')
  await person.sees((each) => each.calls.length === 2)
  test.match(person.calls, [/^tryMoment "gondor" ".*Z-boot"$/, 'startDesktop'])
  person.type(KEYS.escape)
  await person.sees('You held F8')
  person.type('2')
  await person.sees(/The next start tries .* Press k to change that/)
  person.type('k')
  await person.sees('Do not try it')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('It will not be tried.')
  test.equal(person.calls.at(-1), 'dropTry "gondor"')
})

const good = snapshot(DAY, { kind: 'boot', healthy: true })
for (const [answer, call, said] of [
  [1, 'keepTry', 'You keep what you tried.'],
  [2, 'dropTry', 'You have what you had before.'],
] as const) {
  const trying = { snapshot: good.name, phase: 'ended' as const }
  const size = SIZES[answer - 1]
  withPerson(
    `after a try the menu asks: ${call}`,
    machine({ timeline: { snapshots: [good], trying } }, size),
    async (test, person) => {
      await person.sees(/You tried .* Keep it\?/)
      test.match(person.selected, 'Decide later')
      person.type(KEYS.down.repeat(answer))
      await person.sees((each) => !each.selected.includes('later'))
      person.type(KEYS.enter)
      await person.sees(said)
      test.same(person.calls, [`${call} "gondor"`])
      test.match(person.selected, 'Start the desktop')
    },
  )
}

withPerson(
  'what was undone can be undone: u',
  machine({ timeline: { undo: 'gone' } }),
  async (test, person) => {
    await person.opens('2', 'You went back. To undo that, press u.')
    person.type('u')
    await person.sees('becomes as it was before you went back')
    person.type(KEYS.enter)
    await person.sees('You have what you had before you went back.')
    test.same(person.calls, ['undo "gondor" {"force":false}'])
  },
)

withPerson('a thousand moments can be walked', machine({ count: 1000 }), async (test, person) => {
  await person.opens('2', 'Kept every hour')
  person.type(KEYS.end)
  await person.sees('6 weeks ago')
  test.match(person.rows[4], /^ {2}\d+ \w+ /, 'the day stays in view')
  person.type(KEYS.up)
  await person.quiet()
  test.match(person.selected, /\d\d:\d\d Kept every hour/)
  person.type('/zzz')
  await person.sees('Only moments with: zzz_')
  person.type(KEYS.enter)
  await person.sees('0 of 1000 moments')
})

withPerson(
  'no moment, and no operating system',
  machine({ timeline: { snapshots: [] } }),
  async (test, person) => {
    await person.opens('2', 'No moment was kept yet.')
    test.match(person.rows[23], / s save now +Esc leave +\? all keys$/, 'only keys that do something')
    person.type(`${KEYS.enter}ptndg${KEYS.down}${KEYS.escape}`)
    await person.sees('You held F8')
  },
)

const hostileSnapshots = [
  snapshot(DAY, { note: HOSTILE.repeat(50), osLabel: HOSTILE, healthy: true, name: HOSTILE }),
  snapshot(2 * DAY, { takenAt: HOSTILE, kind: HOSTILE as 'boot', exclusiveBytes: -1, writtenBytes: 1e300 }),
]
for (const setup of [{ term: 'linux' }, { term: 'vt220' }, { rows: 12, columns: 40 }, { term: 'dumb' }]) {
  withPerson(
    `hostile notes and names never reach the terminal: ${JSON.stringify(setup)}`,
    machine(
      { timeline: { snapshots: hostileSnapshots, trying: { snapshot: HOSTILE, phase: 'armed' } } },
      setup,
    ),
    async (test, person) => {
      const end = setup.term === 'dumb' ? '\r' : ''
      await person.sees('Switch off')
      person.type(`2${end}`)
      await person.sees(/Evil/)
      person.type(setup.term === 'dumb' ? '1\r' : 'n')
      await person.sees(/note|Note/)
      await person.quiet()
      for (const bad of ['\x1b]0;', 'owned', '\x1b[31m', '\xe2\x80\xae', '\xe6\x97\xa5', '\x07']) {
        test.notMatch(person.bytes, bad)
      }
    },
  )
}

withPerson('on lines of text: find, try, pin, go back', { term: 'dumb' }, async (test, person) => {
  await person.sees('Type a number and press Enter:')
  person.type('2\r')
  await person.sees((each) =>
    /3 {2}.* \(a day ago\): Start of the desktop, known good, try this one/.test(each.bytes),
  )
  person.type('printer\r')
  await person.sees((each) => /1 {2}.*before the printer, pinned/.test(each.text.slice(-600)))
  person.type('1\r')
  await person.sees('Type yes, or one of: try, pin, note, delete, every')
  person.type('pin\r')
  await person.sees('Not pinned any more.')
  person.type('1\ryes\r')
  await person.sees('Starting the desktop...')
  test.match(person.text, /Copying what was changed \(50 %\)/)
  test.match(person.calls, [/^describeSnapshot .*\{"pinned":false\}$/, /^rollBack/, 'startDesktop'])
  test.notMatch(person.bytes, '\x1b')
})

withPerson(
  'on lines of text: work can be stopped',
  { ...machine({ job: 'slow' }), term: 'dumb' },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\r1\ryes\r')
    await person.sees('(50 %)')
    person.type('stop\r')
    await person.sees('Stopped.')
    test.match(person.calls, [/^rollBack/, 'cancelJob "job-1"'])
  },
)

withPerson(
  'a desktop that was started since the list was opened is warned about',
  // The state of the machine says that nothing runs; the list of operating systems knows better.
  machine({ cartridges: [{ inserted: true, running: true }] }),
  async (test, person) => {
    await person.opens('2', 'known good')
    for (const key of [KEYS.enter, 't']) {
      person.type(key)
      await person.sees(key === 't' ? 'Try it at the next start' : 'it is shut down first')
      person.type(KEYS.escape)
      await person.sees('known good')
    }
    test.same(person.calls, [])
  },
)

withPerson('the moment for every start is set, and none any more', {}, async (test, person) => {
  await person.opens('2', 'known good')
  person.type('g')
  await person.sees('at every start?')
  test.match(person.selected, 'No, change nothing')
  test.notMatch(person.text, 'No moment any more')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('Every start returns to this moment now.')
  person.type(KEYS.enter)
  await person.sees('known good')
  person.type('g')
  await person.sees('There is a moment for every start already')
  person.type(KEYS.end + KEYS.enter)
  await person.sees('No moment is the one for every start any more.')
  test.match(person.calls, [
    /^describeCartridge "gondor" {"golden":".*Z-boot","reset":true}$/,
    /^describeCartridge "gondor" {"golden":null,"reset":false}$/,
  ])
})

const saved = snapshot(2 * DAY, { kind: 'before-rollback' })
const both = {
  snapshots: [saved, good],
  undo: saved.name,
  trying: { snapshot: good.name, phase: 'armed' as const },
}
withPerson('the keys that matter are on the last row', machine({ timeline: both }), async (test, person) => {
  await person.opens('2', 'The next start tries')
  test.match(
    person.rows[23],
    /Enter go back +Esc leave +\? all keys +u undo +k decide +t try +\/ find +n note/,
  )
})

withPerson(
  'going back is told with its day',
  machine({ timeline: { ...both, trying: null } }),
  async (_, person) => {
    await person.opens('2', /You went back on \w{3} \d+ \w+ at \d\d:\d\d\. To undo that, press u\./)
  },
)

const named = {
  id: 'other',
  title: `Taking gondor back to ${good.name}`,
  snapshot: good.name,
  progress: 0.43,
}
withPerson('work calls moments by their time', machine({ running: [named] }), async (test, person) => {
  await person.sees(/9 {2}Taking gondor back to/)
  person.type('9')
  await person.sees(/Taking gondor back to (yesterday|\w{3} \d+ \w+), \d\d:\d\d\./)
  test.notMatch(person.text, 'Z-boot')
})

const plain = { term: 'dumb' }
const ended = { snapshots: [good], trying: { snapshot: good.name, phase: 'ended' as const } }
for (const [answer, call, said] of [
  ['keep', 'keepTry', 'You keep what you tried.'],
  ['drop', 'dropTry', 'You have what you had before.'],
] as const) {
  withPerson(
    `on lines of text: after a try it asks first: ${answer}`,
    { ...machine({ timeline: ended }), ...plain },
    async (test, person) => {
      await person.sees('Type keep or drop, or just Enter to decide later:')
      person.type('\r')
      await person.sees('Type a number and press Enter:')
      test.same(person.calls, [], 'nothing is decided by Enter')
      person.type('2\rk\r')
      await person.sees('what you did while trying is lost')
      person.type(`${answer}\r`)
      await person.sees(said)
      test.same(person.calls, [`${call} "gondor"`])
    },
  )
}

withPerson(
  'on lines of text: undo asks, and warns about a running desktop',
  { ...machine({ timeline: { undo: saved.name, snapshots: [saved, good] } }, { running: true }), ...plain },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\ru\r')
    await person.sees('The desktop is running: it is shut down first.')
    person.type('\r')
    await person.sees((each) => each.bytes.split('The moments that were kept').length === 3)
    test.same(person.calls, [])
    person.type('u\ryes\r')
    await person.sees('You have what you had before you went back.')
    test.match(person.calls[0], 'undo "gondor"')
  },
)

withPerson(
  'on lines of text: a note stays when nothing is typed; every start returns to a moment',
  { ...machine({}), ...plain },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\r4\rnote\r\r')
    await person.sees((each) => each.bytes.split('The moments that were kept').length === 3)
    test.same(person.calls, [])
    person.type('4\revery\ryes\r')
    await person.sees('Every start returns to this moment now.')
    person.type('4\rnote\rnone\r')
    await person.sees('The note is gone.')
    test.match(person.calls, [/^describeCartridge .*"reset":true}$/, /^describeSnapshot .*{"note":""}$/])
    person.type('4\rnote\r\x04')
    await person.sees('menu ended with 0')
    test.equal(person.calls.length, 2, 'the end of the input takes no note away')
  },
)

withPerson(
  'on lines of text: save, try and delete a moment',
  { ...machine({}), ...plain },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\rs\rbefore the scanner\r')
    await person.sees('Kept. You can return to it at any time.')
    person.type('1\rdelete\r\r')
    await person.sees((each) => each.bytes.includes('It cannot be brought back.'))
    person.type('1\rdelete\ryes\r')
    await person.sees('The moment is deleted.')
    person.type('2\rtry\ryes\r')
    await person.sees('Starting the desktop...')
    await person.sees((each) => each.calls.length === 4)
    person.type('k\rdrop\r')
    await person.sees('It will not be tried.')
    test.match(person.calls, [
      'takeSnapshot "gondor" {"kind":"manual","note":"before the scanner"}',
      /^deleteSnapshot/,
      /^tryMoment/,
      'startDesktop',
      'dropTry "gondor"',
    ])
  },
)

withPerson(
  'on lines of text: a desktop that does not shut down is switched off only after a question',
  { ...machine({ job: 'guest' }, { running: true }), ...plain },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\r1\ryes\r')
    await person.sees('yes: Switch it off and go back')
    person.type('yes\r')
    await person.sees('The desktop is starting.')
    test.match(person.calls, [/force":false/, /force":true/])
  },
)

withPerson(
  'on lines of text: what failed says why, and what to do',
  { ...machine({ job: 'fail' }), ...plain },
  async (_, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('2\r1\ryes\r')
    await person.sees('There is no room for it.')
    await person.sees('Delete some moments.')
  },
)
