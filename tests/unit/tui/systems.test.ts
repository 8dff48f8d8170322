import { KEYS, type Person, type Setup, withPerson } from '../fixtures/person.ts'
import type { TimeMachineSettings } from '../fixtures/time-machine.ts'

const HOSTILE = 'Evil\x1b]0;owned\x07\x1b[2J\x1b[31m\r\n\x9b5m\x00\x07 \u202egnol \u65e5\u672c\u8a9e '

function machine(time: TimeMachineSettings, setup: Setup = {}): Setup {
  return { ...setup, env: { TUI_TIME: JSON.stringify(time) } }
}

/** Opens the second operating system of the list. */
async function openSecond(person: Person): Promise<void> {
  await person.opens('3', 'Windows 11')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('Make it the desktop')
}

const besideRunning = [
  { inserted: true, running: true },
  { name: 'rohan', title: 'Windows 11', golden: true },
]

const runsAlready = [{ inserted: true }, { name: 'rohan', title: 'Windows 11', running: true }]

for (const size of [
  { rows: 24, columns: 80 },
  { rows: 12, columns: 40 },
]) {
  withPerson(`switching to another one, on ${size.columns}x${size.rows}`, size, async (test, person) => {
    await openSecond(person)
    test.match(person.text, 'Note: for the scanner')
    person.type(KEYS.enter)
    await person.sees('Make Windows 11 the desktop?')
    person.type(KEYS.enter)
    await person.sees('Windows 11 is the desktop now.')
    test.match(person.selected, 'Start the desktop')
    person.type(KEYS.enter)
    await person.sees('Starting the desktop...')
    test.same(person.calls, ['insert "rohan"', 'startDesktop'])
  })

  withPerson(
    `switching beside a running desktop, at once, on ${size.columns}x${size.rows}`,
    machine({ cartridges: besideRunning }, size),
    async (test, person) => {
      await openSecond(person)
      person.type(KEYS.enter)
      await person.sees('Make Windows 11 the desktop?')
      person.type(KEYS.enter)
      await person.sees('What runs now goes on')
      test.match(person.selected, 'Good')
      person.type(KEYS.down + KEYS.enter)
      await person.sees('Windows 11 is starting.')
      test.same(person.calls, ['insert "rohan"', 'switchTo "rohan" {"force":false}'])
    },
  )

  withPerson(
    `making the one that runs the desktop again, on ${size.columns}x${size.rows}`,
    machine({ cartridges: runsAlready }, size),
    async (test, person) => {
      await openSecond(person)
      person.type(KEYS.enter)
      await person.sees('Make Windows 11 the desktop?')
      person.type(KEYS.enter)
      await person.sees('runs already.')
      person.type(KEYS.enter)
      await person.sees('You held F8')
      test.same(person.calls, ['insert "rohan"'])
    },
  )

  withPerson(
    `deleting asks, and can be taken back, on ${size.columns}x${size.rows}`,
    size,
    async (test, person) => {
      await openSecond(person)
      person.type(KEYS.end)
      await person.sees('Asks first')
      person.type(KEYS.enter)
      await person.sees('with all files in it')
      test.match(person.selected, 'No, keep it')
      person.type(KEYS.down + KEYS.enter)
      await person.sees('Windows 11 is deleted.')
      test.match(person.selected, 'Good')
      person.type(KEYS.enter)
      await person.sees('You held F8')
      person.type('3')
      await person.sees('Bring back a deleted one')
      person.type(KEYS.end + KEYS.enter)
      await person.sees('Choose one to bring it back.')
      person.type(KEYS.enter)
      await person.sees('Bring rohan back?')
      person.type(KEYS.enter)
      await person.sees('rohan is back.')
      test.same(person.calls, ['deleteCartridge "rohan"', 'restoreCartridge ".trash-rohan"'])
    },
  )
}

withPerson('renaming, a note, a short name, a copy', {}, async (test, person) => {
  await openSecond(person)
  for (const [down, seen, typed, said] of [
    [2, 'The name that you want to see:', '\x03Windows 12', 'It is called Windows 12 now.'],
    [1, 'A note for Windows 12', '\x03Gr\u00fc\u00dfe', 'The note is kept.'],
    [1, 'The name of the copy of Windows 12', '', 'Windows 12 (copy) is there now.'],
  ] as const) {
    person.type(KEYS.down.repeat(down) + KEYS.enter)
    await person.sees(seen)
    person.type(typed + KEYS.enter)
    await person.sees(said)
    person.type(KEYS.enter)
    await person.sees(/Make a copy|You held F8/)
  }
  person.type('3')
  await person.sees('Windows 12')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('Note: Gr\u00fc\u00dfe')
  person.type(KEYS.end + KEYS.up + KEYS.enter)
  await person.sees('Its short name:')
  person.type(`\x7f${KEYS.enter}`)
  await person.sees('Its short name is roha now.')
  test.same(person.calls, [
    'describeCartridge "rohan" {"title":"Windows 12"}',
    'describeCartridge "rohan" {"note":"Gr\u00fc\u00dfe"}',
    'cloneCartridge {"cartridge":"rohan","newName":"windows-12-copy"}',
    'describeCartridge "windows-12-copy" {"title":"Windows 12 (copy)"}',
    'renameCartridge "rohan" "roha"',
  ])
})

withPerson('starting fresh every time, on and off', {}, async (test, person) => {
  await openSecond(person)
  person.type(KEYS.down.repeat(5) + KEYS.enter)
  await person.sees('Start Windows 11 fresh every time?')
  test.match(person.selected, 'No, change nothing')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('It starts fresh every time now.')
  person.type(KEYS.enter)
  await person.sees(/Start fresh every time +on/)
  person.type(KEYS.enter)
  await person.sees('Switch it off')
  person.type(KEYS.down + KEYS.enter)
  await person.sees('It keeps what is done in it now.')
  test.same(person.calls, [
    'takeSnapshot "rohan" {"kind":"manual","note":"Every start returns here"}',
    'describeCartridge "rohan" {"golden":"2026-01-01T00:00:00Z-manual","reset":true}',
    'describeCartridge "rohan" {"reset":false}',
  ])
})

withPerson('a disk for data: given, made larger, and what is no size', {}, async (test, person) => {
  await openSecond(person)
  person.type(KEYS.down.repeat(6))
  await person.sees(/Disk for data +none/)
  test.match(person.text, 'going back and resetting leave alone')
  person.type(KEYS.enter)
  await person.sees('How many GB shall it have?')
  person.type(`large${KEYS.enter}`)
  await person.sees('This is not a size.')
  person.type(KEYS.enter)
  await person.sees(/Disk for data +none/)
  person.type(KEYS.enter)
  await person.sees('How many GB shall it have?')
  person.type(`64${KEYS.enter}`)
  await person.sees('The disk for data is there.')
  person.type(KEYS.enter)
  await person.sees(/Disk for data +64 GB/)
  person.type(KEYS.enter)
  await person.sees(/has 64 GB. How many GB shall it\s+have\?/)
  person.type(`0.5 tb${KEYS.enter}`)
  await person.sees('The disk for data is larger.')
  test.same(person.calls, [`setDataDisk "rohan" ${64 * 2 ** 30}`, `setDataDisk "rohan" ${512 * 2 ** 30}`])
})

withPerson('bringing one in from a plugged-in disk', {}, async (test, person) => {
  await person.opens('3', 'Bring in another one')
  person.type(KEYS.end + KEYS.enter)
  await person.sees('mint.qcow2 on SanDisk')
  test.match(person.text, '/run/media/stick/mint.qcow2')
  person.type(KEYS.enter)
  await person.sees('What shall it be called?')
  person.type(` Linux${KEYS.enter}`)
  await person.sees('mint Linux is there now.')
  test.same(person.calls, [
    'importCartridge {"file":"/run/media/stick/mint.qcow2","name":"mint-linux","title":"mint Linux"}',
  ])
})

withPerson('no disk to bring one in from', machine({ sources: [] }), async (_, person) => {
  await person.opens('3', 'Bring in another one')
  person.type(KEYS.end + KEYS.enter)
  await person.sees('No disk was found. Plug one in')
  person.type(`r${KEYS.enter}${KEYS.down}?`)
  await person.sees('That disk is only read')
})

const noSystem = { env: { TUI_STATUS: '{"operatingSystem":null}', TUI_TIME: '{"cartridges":[]}' } }
withPerson(
  'without any operating system the way to one is chosen already',
  noSystem,
  async (test, person) => {
    await person.sees((each) => each.selected.includes('Operating systems'))
    person.type(KEYS.enter)
    await person.sees('There is no operating system yet.')
    test.match(person.selected, 'Bring in another one')
    person.type(KEYS.escape)
    await person.sees('You held F8')
    person.type('2')
    await person.sees('There is no operating system yet, so')
  },
)

const hostile = {
  cartridges: [
    { name: HOSTILE, title: HOSTILE.repeat(50), note: HOSTILE.repeat(50), problem: HOSTILE, diskBytes: -5 },
  ],
  sources: [{ path: `/dev/${HOSTILE}`, text: HOSTILE.repeat(50), bytes: 1e300 }],
}
for (const setup of [{ term: 'linux' }, { rows: 12, columns: 40 }, { term: 'dumb' }]) {
  withPerson(
    `hostile operating systems and disks: ${JSON.stringify(setup)}`,
    machine(hostile, setup),
    async (test, person) => {
      const plain = setup.term === 'dumb'
      await person.sees('Switch off')
      person.type(plain ? '3\r' : '3')
      await person.sees('Evil')
      person.type(plain ? '1\r' : KEYS.enter)
      await person.sees('Rename')
      person.type(plain ? '\ri\r' : `${KEYS.escape}`)
      if (!plain) {
        await person.sees('Bring in another one')
        person.type(KEYS.end + KEYS.enter)
      }
      await person.sees(/only read|\/dev\//)
      await person.quiet()
      for (const bad of ['\x1b]0;', 'owned', '\x1b[31m', '\xe2\x80\xae', '\xe6\x97\xa5', '\x07']) {
        test.notMatch(person.bytes, bad)
      }
    },
  )
}

withPerson(
  'on lines of text: switch, rename, copy, bring in, delete, bring back',
  { term: 'dumb' },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('3\r2\r1\r')
    await person.sees((each) => each.bytes.includes('Windows 11 is the desktop now.'))
    person.type('2\r3\rWindows 12\r')
    await person.sees('It is called Windows 12 now.')
    person.type('2\r5\rSecond\r')
    await person.sees((each) => each.calls.length === 4)
    person.type('i\r1\rMint\r')
    await person.sees((each) => each.calls.length === 5)
    person.type('2\r7\r16\r')
    await person.sees((each) => each.calls.length === 6)
    person.type('2\r6\ryes\r')
    await person.sees((each) => each.calls.length === 7)
    person.type('b\r1\r')
    await person.sees('rohan is back.')
    test.same(person.calls, [
      'insert "rohan"',
      'describeCartridge "rohan" {"title":"Windows 12"}',
      'cloneCartridge {"cartridge":"rohan","newName":"second"}',
      'describeCartridge "second" {"title":"Second"}',
      'importCartridge {"file":"/run/media/stick/mint.qcow2","name":"mint","title":"Mint"}',
      `setDataDisk "rohan" ${16 * 2 ** 30}`,
      'deleteCartridge "rohan"',
      'restoreCartridge ".trash-rohan"',
    ])
  },
)

withPerson(
  'on lines of text: at once instead of a running one, no moment for every start, an empty trash',
  machine({ cartridges: besideRunning }, { term: 'dumb' }),
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('3\r2\r1\r')
    await person.sees((each) => each.bytes.includes('is the desktop from the next start on.'))
    await person.sees('yes: Restart the desktop with it now')
    person.type('yes\r')
    await person.sees((each) => each.bytes.includes('Windows 11 is starting.'))
    person.type('2\r2\r1\revery\rnone\r')
    await person.sees((each) => each.bytes.includes('No moment is the one for every start any more.'))
    person.type('\r2\r6\ryes\rb\rempty\ryes\r')
    await person.sees((each) => each.bytes.includes('They are gone.'))
    test.same(person.calls, [
      'insert "rohan"',
      'switchTo "rohan" {"force":false}',
      'describeCartridge "rohan" {"golden":null,"reset":false}',
      'deleteCartridge "rohan"',
      'emptyTrash',
    ])
  },
)

withPerson(
  'on lines of text: notes, a short name, starting fresh',
  { term: 'dumb' },
  async (test, person) => {
    await person.sees('Type a number and press Enter:')
    person.type('3\r2\r4\rnone\r')
    await person.sees('The note is kept.')
    person.type('2\r8\rnow\r')
    await person.sees('It starts fresh every time now.')
    person.type('2\r8\ryes\r')
    await person.sees('It keeps what is done in it now.')
    person.type('2\r8\rbefore\r')
    await person.sees((each) => each.calls.length === 5)
    person.type('2\r9\rroha\r')
    await person.sees('Its short name is roha now.')
    test.same(person.calls, [
      'describeCartridge "rohan" {"note":""}',
      'takeSnapshot "rohan" {"kind":"manual","note":"Every start returns here"}',
      'describeCartridge "rohan" {"golden":"2026-01-01T00:00:00Z-manual","reset":true}',
      'describeCartridge "rohan" {"reset":false}',
      'describeCartridge "rohan" {"reset":true}',
      'renameCartridge "rohan" "roha"',
    ])
  },
)
