import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { quiesceConsole } from '../../../orchestrator/console/index.ts'
import { settleDown } from '../../../orchestrator/console/settle.ts'
import { isMarkedFrozen } from '../../../orchestrator/console/thaw.ts'
import { type Machine, machineAt } from '../../../orchestrator/host/machine.ts'
import { heldClock } from '../fixtures/clock.ts'

type Test = { teardown(clean: () => void): void }
type Answer = (command: string, id: unknown, socket: Socket) => unknown

/** A console whose guest agent and QEMU answer as told, and the order in which they were asked. */
function consoleWith(test: Test, agent: Answer | null, qemu: Answer | null = () => ({})) {
  const root = mkdtempSync(join(tmpdir(), 'quiesce-'))
  const folder = join(root, 'run/deskvisor/console')
  mkdirSync(folder, { recursive: true })
  const asked: string[] = []
  const servers = [
    agent && serve(join(folder, 'guest-agent.sock'), asked, agent, ''),
    qemu && serve(join(folder, 'qmp-tools.sock'), asked, qemu, '{"QMP": {}}\n'),
  ]
  test.teardown(() => {
    for (const close of servers) close?.()
    rmSync(root, { recursive: true })
  })
  return { machine: machineAt(root), asked }
}

function serve(path: string, asked: string[], answer: Answer, greeting: string): () => void {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write(greeting)
    socket.on('data', (data) => {
      for (const line of data.toString('latin1').replaceAll('\xff', '').split('\n').filter(Boolean)) {
        const { execute, arguments: args, id } = JSON.parse(line)
        if (execute === 'guest-sync-delimited') {
          socket.write(Buffer.concat([Buffer.of(0xff), Buffer.from(`{"return": ${args.id}}\n`)]))
          continue
        }
        if (execute !== 'qmp_capabilities') asked.push(execute)
        const result = execute === 'qmp_capabilities' ? {} : answer(execute, id, socket)
        if (result !== undefined) socket.write(`${JSON.stringify({ return: result, id })}\n`)
      }
    })
  }).listen(path)
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

/** An agent that does what it is asked. */
function honestAgent(): Answer {
  let state = 'thawed'
  return (command) => {
    if (command === 'guest-get-osinfo') return { 'pretty-name': 'Gondor 3', 'kernel-release': '6.17' }
    if (command === 'guest-fsfreeze-freeze') state = 'frozen'
    if (command === 'guest-fsfreeze-thaw') state = 'thawed'
    return command === 'guest-fsfreeze-status' ? state : 1
  }
}

t.test('freezes, stops, works, goes on, thaws, in this order', async (t) => {
  const { machine, asked } = consoleWith(t, honestAgent())
  const done = await quiesceConsole(machine, { freeze: true })(async () => {
    asked.push('work')
    return 42
  })
  t.match(done, { value: 42, consistency: 'frozen', pauseMs: Number, osLabel: 'Gondor 3, kernel 6.17' })
  t.same(asked, [
    'guest-get-osinfo',
    'guest-fsfreeze-freeze',
    'guest-fsfreeze-status',
    'stop',
    'work',
    'cont',
    'guest-fsfreeze-thaw',
    'guest-fsfreeze-status',
  ])
})

t.test(
  'what is dirty is written back while the guest goes on, and what the freeze wrote as well',
  async (t) => {
    const settling = async (machine: Machine, asked: string[]) => {
      const note = (what: string) => async () => void asked.push(what)
      await quiesceConsole(machine, { freeze: true })(note('work'), note('settle'))
      return asked.filter(
        (what, index) => /settle|freeze-freeze|stop|work|cont/.test(what) && what !== asked[index - 1],
      )
    }
    const { machine, asked } = consoleWith(t, honestAgent())
    t.same(await settling(machine, asked), [
      'settle',
      'guest-fsfreeze-freeze',
      'settle',
      'stop',
      'work',
      'cont',
    ])
    const without = consoleWith(t, null)
    t.same(await settling(without.machine, without.asked), ['settle', 'stop', 'work', 'cont'])
  },
)

t.test('a guest that writes on is settled until little is left, and not for ever', async (t) => {
  const roundsOf = async (...durations: number[]) => {
    let now = 0
    let rounds = 0
    await settleDown(
      async () => {
        now += durations[rounds] ?? durations.at(-1) ?? 0
        rounds++
      },
      () => now,
    )
    return rounds
  }
  t.equal(await roundsOf(10), 1, 'nothing was dirty')
  t.equal(await roundsOf(2000, 300, 40), 3, 'each round is shorter')
  t.equal(await roundsOf(200), 8, 'it writes as fast as the disk')
  t.equal(await roundsOf(5000), 2, 'the disk is slow')
})

t.test('without an agent, or told not to freeze, the guest is only stopped', async (t) => {
  const without = consoleWith(t, null)
  const done = await quiesceConsole(without.machine, { freeze: true })(async () => 1)
  t.match(done, { consistency: 'crash-consistent', osLabel: null })
  t.same(without.asked, ['stop', 'cont'])
  const unwanted = consoleWith(t, honestAgent())
  await quiesceConsole(unwanted.machine, { freeze: false })(async () => 1)
  t.same(unwanted.asked, ['stop', 'cont'])
})

t.test('an agent that lies about the freeze does not make the moment a frozen one', async (t) => {
  const { machine, asked } = consoleWith(t, (command) => (command === 'guest-fsfreeze-status' ? 'thawed' : 0))
  t.match(await quiesceConsole(machine, { freeze: true })(async () => 1), { consistency: 'crash-consistent' })
  t.ok(asked.includes('guest-fsfreeze-thaw'), 'it is thawed all the same')
})

t.test(
  'a thaw that is not confirmed is asked for again and again, and marked for the watchdog',
  async (t) => {
    let thaws = 0
    const built = consoleWith(t, (command) => {
      if (command === 'guest-fsfreeze-thaw') thaws++
      return command === 'guest-fsfreeze-status' ? (thaws > 5 ? 'thawed' : 'frozen') : 1
    })
    const machine = { ...built.machine, clock: heldClock().clock }
    await quiesceConsole(machine, { freeze: true, thawForMs: 1500 })(async () => 1)
    t.ok(thaws < 5)
    t.ok(isMarkedFrozen(machine))
    await quiesceConsole(machine, { freeze: true })(async () => 1)
    t.equal(thaws, 6)
    t.notOk(isMarkedFrozen(machine))
  },
)

t.test('a freeze that ends after it was given up is thawed', { timeout: 60_000 }, async (t) => {
  let state = 'thawed'
  const { machine } = consoleWith(t, (command) => {
    if (command === 'guest-fsfreeze-freeze') {
      setTimeout(() => {
        state = 'frozen'
      }, 11_000)
      return undefined
    }
    if (command === 'guest-fsfreeze-thaw') {
      // While it freezes, the agent answers nothing, and does what it was asked afterwards.
      if (state === 'thawed') return undefined
      state = 'thawed'
    }
    return command === 'guest-fsfreeze-status' ? state : 1
  })
  const { consistency } = await quiesceConsole(machine, { freeze: true })(async () => 1)
  t.equal(consistency, 'crash-consistent')
  t.equal(state, 'thawed')
  t.notOk(isMarkedFrozen(machine))
})

t.test('an agent that may not freeze is not asked to thaw', async (t) => {
  const { machine, asked } = consoleWith(t, (command, _, socket) => {
    if (!command.startsWith('guest-fsfreeze')) return {}
    socket.write('{"error": {"desc": "Command has been disabled"}}\n')
    return undefined
  })
  t.match(await quiesceConsole(machine, { freeze: true })(async () => 1), { consistency: 'crash-consistent' })
  t.notOk(asked.includes('guest-fsfreeze-thaw'))
  t.notOk(isMarkedFrozen(machine))
})

t.test('a guest that thawed by itself is not called frozen', async (t) => {
  let state = 'thawed'
  let settled = 0
  const windows: Answer = (command) => {
    if (command === 'guest-fsfreeze-freeze') state = 'frozen'
    return command === 'guest-fsfreeze-status' ? state : 0
  }
  const { machine } = consoleWith(t, windows)
  const settle = async () => {
    settled++
    if (settled > 1) state = 'thawed'
  }
  const before = await quiesceConsole(machine, { freeze: true })(async () => 1, settle)
  t.equal(before.consistency, 'crash-consistent', 'while what the freeze wrote was written back')
  const meanwhile = await quiesceConsole(machine, { freeze: true })(async () => {
    state = 'thawed'
  })
  t.equal(meanwhile.consistency, 'crash-consistent', 'there was nothing left to thaw')
})

t.test('a stop that takes longer than five seconds is waited for, and the guest goes on', async (t) => {
  const { machine, asked } = consoleWith(t, null, (command, id, socket) => {
    if (command !== 'stop') return {}
    setTimeout(() => socket.write(`${JSON.stringify({ return: {}, id })}\n`), 5500)
    return undefined
  })
  t.match(await quiesceConsole(machine, { freeze: false })(async () => 'done'), { value: 'done' })
  t.same(asked, ['stop', 'cont'])
})

t.test(
  'the guest goes on when the stop fails, and over a new connection when the old one breaks',
  async (t) => {
    const { machine, asked } = consoleWith(t, null, (command, id, socket) => {
      if (command !== 'stop') return {}
      socket.write(`${JSON.stringify({ error: { desc: 'no' }, id })}\n`)
      return undefined
    })
    await t.rejects(
      quiesceConsole(machine, { freeze: false })(async () => 1),
      { code: 'qmp-command' },
    )
    t.same(asked, ['stop', 'cont'])
    const broken = consoleWith(t, null, (command, _, socket) => {
      if (command === 'cont' && broken.asked.length < 3) return void socket.destroy()
      return {}
    })
    await quiesceConsole(broken.machine, { freeze: false })(async () => 1)
    t.same(broken.asked, ['stop', 'cont', 'cont'])
  },
)

t.test('the guest goes on and is thawed when the work fails', async (t) => {
  const { machine, asked } = consoleWith(t, honestAgent())
  const work = quiesceConsole(machine, { freeze: true })(async () => {
    throw new Error('the disk is full')
  })
  await t.rejects(work, { message: 'the disk is full' })
  t.same(asked.slice(-3), ['cont', 'guest-fsfreeze-thaw', 'guest-fsfreeze-status'])
})

t.test('work is done even when QEMU cannot be told to stop', async (t) => {
  const { machine } = consoleWith(t, honestAgent(), null)
  t.match(await quiesceConsole(machine, { freeze: true })(async () => 'done'), {
    value: 'done',
    pauseMs: null,
  })
})

t.test('names that a guest gives itself cannot steer a terminal', async (t) => {
  const { machine } = consoleWith(t, (command) =>
    command === 'guest-get-osinfo' ? { 'pretty-name': `\u001b[2Jevil\n${'x'.repeat(500)}` } : 'frozen',
  )
  const { osLabel } = await quiesceConsole(machine, { freeze: true, thawForMs: 0 })(async () => 1)
  t.match(osLabel, /^\[2Jevil x+$/)
  t.ok((osLabel ?? '').length <= 60)
})
