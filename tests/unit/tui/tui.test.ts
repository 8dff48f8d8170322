import { KEYS, pause, withPerson } from '../fixtures/person.ts'

const HOSTILE =
  'Evil\x1b]0;owned\x07\x1b[2J\x1b[31m\r\n\x9b5m\x00\x07 \u202egnol \u65e5\u672c\u8a9e M\u00fcller '

for (const term of [
  'linux',
  'vt220',
  'vt100',
  'xterm-256color',
  'screen',
  'tmux-256color',
  'something-new',
]) {
  withPerson(`first screen on ${term}`, { term, ownProcess: term === 'linux' }, async (test, person) => {
    await person.sees('192.168.1.20')
    test.match(person.rows[0], /^ Deskvisor recovery +0\.1\.0$/)
    test.match(person.rows[2], /You held F8 while the computer started\./)
    test.match(person.text, 'Bazzite 42')
    test.match(person.text, '16 GB, of which 15 GB is free')
    test.match(person.text, /┌─{40}┐/, 'a frame of line-drawing characters')
    test.match(person.text, 'Start the desktop')
    test.match(person.selected, 'Go back to an earlier moment')
    test.match(person.rows[23], /^ Up\/Down choose {3}Enter open {3}\? help/)
  })
}

withPerson('arrows choose, Enter opens', {}, async (test, person) => {
  await person.sees('Your desktop as it was. Can be undone.')
  person.type(KEYS.down + KEYS.down)
  await person.sees('Shows the newest messages')
  test.match(person.selected, 'Show what happened')
  person.type(KEYS.home)
  await person.sees('Starts Bazzite 42. Nothing is changed.')
  person.type(KEYS.enter)
  await person.sees('This screen will go dark')
  test.same(person.calls, ['startDesktop'])
})

withPerson(
  'a failed start says why, what to do, and leads back',
  { env: { TUI_FAIL: '1' } },
  async (test, person) => {
    await person.opens('1', 'No graphics card can be given away.')
    test.match(person.text, 'Switch the IOMMU on.')
    person.type(KEYS.enter)
    await person.sees('Starts Bazzite 42')
  },
)

for (const [digit, question, yes, call] of [
  ['7', 'Restart the computer?', 'The computer restarts', 'restart'],
  ['8', 'Switch the computer off?', 'The computer switches off', 'powerOff'],
] as const) {
  withPerson(`${call} asks first, and "no" is chosen already`, {}, async (test, person) => {
    await person.sees('192.168.1.20')
    person.type(digit)
    await person.sees(question)
    test.match(person.selected, 'No, go back')
    person.type(KEYS.enter)
    await person.sees('You held F8')
    test.same(person.calls, [])
    person.type(digit)
    await person.sees(question)
    person.type(KEYS.tab + KEYS.enter)
    await person.sees(yes)
    test.same(person.calls, [call])
  })
}

withPerson('logs scroll, page and filter', {}, async (test, person) => {
  await person.opens('4', 'message 200')
  person.type(KEYS.home)
  await person.sees(/message 1$/m)
  person.type(KEYS.down + KEYS.down)
  await person.sees((each) => /message 3$/.test(each.rows[2] ?? ''))
  person.type(KEYS.end + KEYS.up)
  await person.sees((each) => /message 199$/.test(each.rows[22] ?? ''))
  test.match(person.rows[21], /message 198$/, 'no row is torn by scrolling')
  person.type('/ge 17?')
  await person.sees('Only lines with: ge 17?_')
  person.type('\x7f\r')
  await person.sees('11 messages, only those with "ge 17"')
  person.type(KEYS.escape)
  await person.sees('200 messages')
  person.type(KEYS.escape)
  await person.sees('You held F8')
})

withPerson('every screen has help', { env: { TUI_FAIL: '1' } }, async (test, person) => {
  await person.sees('192.168.1.20')
  for (const [open, seen, help] of [
    ['', 'You held F8', 'From here you start the desktop'],
    ['2', 'Known good', 'Each line is a moment that was kept'],
    ['3', 'Windows 11', 'These are the operating systems on this computer'],
    ['4', 'message 200', 'the newest messages of this computer'],
    ['5', 'The desktop gets', 'The desktop works directly with'],
    ['7', 'Restart the computer?', 'The safe answer is chosen already'],
    ['1', 'No graphics card', 'What you asked for did not work'],
  ] as const) {
    person.type(open)
    await person.sees(seen)
    person.type(open === '4' ? KEYS.f1 : '?')
    await person.sees(help)
    test.match(person.rows[0], 'Help')
    person.type(KEYS.escape)
    // The help of the first screen says its reason too.
    await person.sees((each) => !each.rows[0]?.includes('Help') && each.text.includes(seen))
    if (open !== '') person.type(KEYS.escape)
    await person.sees('You held F8')
  }
})

withPerson('devices: what the desktop gets and what stays, with reasons', {}, async (test, person) => {
  await person.opens('5', 'Stays with the host:')
  test.match(person.rows[0], 'Deskvisor recovery: Devices')
  test.match(person.rows[2], 'The desktop gets:')
  test.match(person.rows[3], /^ {2}Graphics card \(10de:2484\) +0000:01:00\.0$/)
  test.match(person.rows[4], /^ {4}The desktop draws with it\.$/)
  person.type(KEYS.end)
  await person.sees('it is the only network device')
  person.type(KEYS.escape)
  await person.sees('You held F8')
})

withPerson('devices on 40x12', { rows: 12, columns: 40 }, async (test, person) => {
  await person.sees('What the desktop gets')
  person.type('5')
  await person.sees('Graphics card (10de:2484)')
  test.match(person.text, /^ {3}0000:01:00\.0$/m)
  person.type(KEYS.end)
  await person.sees('only network device')
  test.match(person.rows[11], 'Esc back')
})

withPerson('a held F8 does nothing, even in pieces on a slow line', {}, async (test, person) => {
  await person.sees('192.168.1.20')
  for (const piece of [KEYS.f8, KEYS.f8, '\x1b', '[1', '9~', '\x1b[', '19', '~']) {
    person.type(piece)
    await pause(20)
  }
  person.type('\x1b')
  await pause(250)
  person.type('[19~')
  await person.quiet()
  test.match(person.selected, 'Go back to an earlier moment')
  test.same(person.calls, [])
})

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
  withPerson(`${signal} leaves the terminal as it was`, { ownProcess: true }, async (test, person) => {
    await person.sees('192.168.1.20')
    test.equal(person.isAlternateScreen, true)
    process.kill(person.pid, signal)
    await person.sees(/menu ended with (143|129|130)/)
    await person.sees(/ icanon /)
    test.equal(person.isAlternateScreen, false)
    test.match(person.text, /\bisig /)
    test.match(person.text, / echo /)
    test.match(person.bytes.slice(person.bytes.lastIndexOf('?25')), '?25h', 'the cursor is visible')
  })
}

withPerson('a shell opens and the menu comes back', { ownProcess: true }, async (test, person) => {
  await person.opens('6', 'type: exit')
  person.type('echo sum $((20+3)); stty -a | grep -o " icanon"\r')
  await person.sees('sum 23')
  await person.sees(' icanon')
  test.equal(person.isAlternateScreen, false)
  person.type('exit\r')
  await person.sees('Opens a command line for experts.')
  test.equal(person.isAlternateScreen, true)
  person.type(KEYS.up)
  await person.sees('Shows which devices')
})

withPerson(
  '40x12 is clipped, and everything can be reached',
  { rows: 12, columns: 40 },
  async (test, person) => {
    await person.sees('Switch off')
    await person.sees('You held F8')
    test.match(person.text, 'Start the desktop')
    person.type('8')
    await person.sees('No, go back')
    test.match(person.selected, 'No, go back')
    person.type('?')
    await person.sees('This screen asks')
    person.type(KEYS.escape)
    await person.sees('Yes, switch off')
  },
)

for (const [rows, columns] of [
  [4, 15],
  [2, 10],
] as const) {
  withPerson(`${columns}x${rows} does not crash`, { rows, columns }, async (_, person) => {
    await person.sees('Desk')
    person.type(`8?${KEYS.escape}`)
    await person.quiet()
    person.type(`${KEYS.escape}2`)
    await person.quiet()
    person.type(`${KEYS.enter}${KEYS.escape}`)
    await person.quiet()
    person.type(`${KEYS.escape}3`)
    await person.quiet()
    await person.sees('Desk')
  })
}

withPerson(
  'a serial line without a size is measured',
  { sized: false, term: 'vt220', rows: 30, columns: 100, ownProcess: true },
  async (test, person) => {
    await person.sees('192.168.1.20')
    test.match(person.rows[0], /0\.1\.0$/)
    test.equal(person.rows[0]?.length, 99)
    test.match(person.rows[29], 'Enter open')
  },
)

for (const sized of [true, false]) {
  const line = sized ? 'of which the kernel knows a size' : 'without a size'
  const title = `Ctrl-L on a serial line ${line} asks how large the terminal is now`
  withPerson(title, { sized, term: 'vt220' }, async (test, person) => {
    await person.sees('192.168.1.20')
    for (const [columns, rows] of [
      [100, 30],
      [40, 12],
    ] as const) {
      person.resizes(columns, rows)
      person.type(KEYS.redraw)
      await person.sees((each) => /^ Enter open|Enter open/.test(each.rows[rows - 1] ?? ''))
      test.equal(person.rows[0]?.length, columns - 1)
    }
    test.match(person.selected, 'Go back to an earlier moment')
  })
}

withPerson(
  'the picture does not wait for a slow machine',
  { env: { TUI_SLOW: '3000' } },
  async (test, person) => {
    await person.sees('Looking at this computer')
    test.match(person.text, 'Start the desktop')
    await person.sees('192.168.1.20')
  },
)

for (const term of ['vt220', 'linux', 'xterm-256color']) {
  withPerson(`an arrow key costs at most 300 bytes on ${term}`, { term }, async (test, person) => {
    await person.sees('192.168.1.20')
    let before = await person.quiet()
    for (const key of [KEYS.down, KEYS.down, KEYS.down, KEYS.down, KEYS.up]) {
      person.type(key)
      await person.sees((each) => each.bytes.length > before)
      const cost = await person.quiet(before)
      test.ok(cost > 0 && cost <= 300, `${cost} bytes`)
      before += cost
    }
    person.type('4')
    await person.sees('message 200')
    before = await person.quiet()
    person.type(KEYS.up)
    await person.sees((each) => each.bytes.length > before)
    const cost = await person.quiet(before)
    test.ok(cost > 0 && cost <= 300, `${cost} bytes to scroll by a line`)
  })
}

withPerson('a status that did not change sends nothing', {}, async (test, person) => {
  await person.sees('192.168.1.20')
  const before = await person.quiet()
  await pause(6000)
  test.equal(person.bytes.length - before, 0)
})

withPerson('Ctrl-L draws everything again', {}, async (test, person) => {
  await person.sees('192.168.1.20')
  const before = await person.quiet()
  person.type(KEYS.redraw)
  await person.sees('192.168.1.20')
  test.ok((await person.quiet(before)) > 500)
})

const hostile = {
  version: HOSTILE,
  intent: { intent: 'recovery', reason: { code: 'boot-key', text: `Held. ${HOSTILE}` } },
  operatingSystem: { name: HOSTILE, title: HOSTILE.repeat(200) },
  addresses: [{ interface: HOSTILE, address: 'x'.repeat(5000) }],
  memory: { total: -1, available: 1e300 },
  configError: `line 3 ${HOSTILE}`,
  passthrough: [
    { address: HOSTILE, description: HOSTILE.repeat(99), given: true, reason: HOSTILE.repeat(99) },
  ],
}

for (const setup of [{ term: 'linux' }, { term: 'vt220' }, { rows: 12, columns: 40 }, { term: 'dumb' }]) {
  withPerson(
    `hostile text never reaches the terminal: ${JSON.stringify(setup)}`,
    { ...setup, env: { TUI_STATUS: JSON.stringify(hostile) } },
    async (test, person) => {
      await person.sees('Switch off')
      await person.sees('Held. Evil')
      person.type(setup.term === 'dumb' ? '5\r' : '5')
      await person.sees((each) => /desktop gets:.*Evil/s.test(each.bytes))
      await person.quiet()
      test.notMatch(person.bytes, '\x1b]0;')
      test.notMatch(person.bytes, 'owned')
      test.notMatch(person.bytes, '\x1b[31m')
      test.notMatch(person.bytes, '\xe2\x80\xae', 'no direction override')
      test.notMatch(person.bytes, '\xe6\x97\xa5', 'no wide characters')
      test.notMatch(person.bytes, '\x07')
    },
  )
}

withPerson('TERM=dumb gets the menu as lines', { term: 'dumb', ownProcess: true }, async (test, person) => {
  await person.sees('Type a number and press Enter:')
  test.match(person.text, 'You held F8')
  test.match(person.text, '7  Restart the computer')
  person.type('7\r')
  await person.sees('Type yes to do it')
  person.type('\r')
  await pause(200)
  test.same(person.calls, [])
  person.type('8\r')
  await person.sees('Switch the computer off?')
  person.type('yes\r')
  await person.sees('The computer switches off...')
  test.same(person.calls, ['powerOff'])
  person.type('5\r')
  await person.sees((each) => each.bytes.includes('The desktop gets: Graphics card'))
  person.type('1\r')
  await person.sees('Starting the desktop...')
  test.notMatch(person.bytes, '\x1b')
})

withPerson('TERM=dumb: logs are found by a word', { term: 'dumb' }, async (test, person) => {
  await person.sees('Type a number and press Enter:')
  person.type('4\r')
  await person.sees(/message 200\s+Type a word/)
  test.notMatch(person.bytes, /message 99\r/, 'only the newest')
  person.type('GE 17\r')
  await person.sees(/message 179\s+Type a word/)
  person.type('nothing like it\r')
  await person.sees('No messages')
  person.type('\r')
  await person.sees('Type a number and press Enter:')
})

withPerson('TERM=dumb: a question mark explains lists and questions', { term: 'dumb' }, async (_, person) => {
  await person.sees('Type a number and press Enter:')
  person.type('3\r?\r')
  await person.sees('These are the operating systems on this computer.')
  person.type('\r7\r?\r')
  await person.sees(/This screen asks before the computer restarts\..*Type yes to do it/s)
})
