import fc from 'fast-check'
import t from 'tap'
import {
  armTry,
  deleteSnapshot,
  describeSnapshot,
  dropTry,
  keepTry,
  prepareStart,
  prune,
  readRetentionPlan,
  readTimeline,
  rollBack,
  type TryPhase,
  takeSnapshot,
  undoRollBack,
} from '../../../orchestrator/snapshots/index.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Gondor } from '../fixtures/timeline.ts'

/** What a machine is in the head of the person who uses it. */
type Model = {
  present: string
  /** Oldest first. */
  snapshots: { name: string; content: string; pinned: boolean }[]
  trying: { snapshot: string; content: string; phase: TryPhase } | null
  undo: string | null
}

type Action = { do: string; pick: number }

const actions = [
  'write',
  'take',
  'rollBack',
  'undo',
  'armTry',
  'keepTry',
  'dropTry',
  'delete',
  'pin',
  'prune',
  'start',
  'relaunch',
] as const

const anyAction = fc.record({ do: fc.constantFrom(...actions), pick: fc.nat(20) })

/** Does an action on the machine and in the model. What the model says is impossible must be refused. */
async function act(gondor: Gondor, model: Model, action: Action, write: () => string): Promise<void> {
  const { machine, name } = gondor
  const chosen = model.snapshots[action.pick % Math.max(1, model.snapshots.length)]
  const save = (saved: { name: string } | null, content: string) => {
    if (saved) model.snapshots.push({ name: saved.name, content, pinned: false })
    return saved?.name ?? null
  }
  const tried = model.trying
  switch (action.do) {
    case 'write': {
      const content = write()
      if (tried?.phase === 'running') {
        gondor.write(content, stateOfTry(gondor))
        tried.content = content
      } else {
        gondor.write(content)
        model.present = content
      }
      return
    }
    case 'take':
      save(
        await takeSnapshot(machine, name, { kind: 'manual' }),
        tried?.phase === 'running' ? tried.content : model.present,
      )
      return
    case 'rollBack': {
      if (!chosen) return
      const { saved } = await rollBack(machine, name, chosen.name)
      model.undo = save(saved, model.present)
      model.present = chosen.content
      if (tried?.phase === 'armed') model.trying = null
      return
    }
    case 'undo': {
      const target = model.snapshots.find((snapshot) => snapshot.name === model.undo)
      if (!target) return refused('nothing-to-undo', undoRollBack(machine, name))
      const { saved } = await undoRollBack(machine, name)
      model.undo = save(saved, model.present)
      model.present = target.content
      if (tried?.phase === 'armed') model.trying = null
      return
    }
    case 'armTry':
      if (!chosen) return
      if (tried && tried.phase !== 'armed') return refused('try-pending', armTry(machine, name, chosen.name))
      await armTry(machine, name, chosen.name)
      model.trying = { snapshot: chosen.name, content: chosen.content, phase: 'armed' }
      return
    case 'keepTry': {
      if (!tried) return refused('nothing-tried', keepTry(machine, name))
      const { saved } = await keepTry(machine, name)
      model.undo = save(saved, model.present)
      model.present = tried.content
      model.trying = null
      return
    }
    case 'dropTry':
      if (!tried) return refused('nothing-tried', dropTry(machine, name))
      await dropTry(machine, name)
      model.trying = null
      return
    case 'delete':
      if (!chosen) return
      if (tried?.snapshot === chosen.name)
        return refused('being-tried', deleteSnapshot(machine, name, chosen.name))
      await deleteSnapshot(machine, name, chosen.name)
      model.snapshots.splice(model.snapshots.indexOf(chosen), 1)
      return
    case 'pin':
      if (!chosen) return
      await describeSnapshot(machine, name, chosen.name, { pinned: true })
      chosen.pinned = true
      return
    case 'prune': {
      const planned = readRetentionPlan(machine, name).remove.map((entry) => entry.name)
      const { removed } = await prune(machine, name)
      if (removed.toReversed().join() !== planned.join())
        throw new Error('pruning did something else than planned')
      const must = new Set([
        ...model.snapshots.filter((snapshot) => snapshot.pinned).map((snapshot) => snapshot.name),
      ])
      if (removed.some((gone) => must.has(gone) || gone === tried?.snapshot))
        throw new Error('too much was pruned')
      model.snapshots = model.snapshots.filter((snapshot) => !removed.includes(snapshot.name))
      return
    }
    default:
      return start(gondor, model, action.do === 'relaunch')
  }
}

async function start(gondor: Gondor, model: Model, relaunch: boolean): Promise<void> {
  const { machine, name } = gondor
  const started = await prepareStart(machine, gondor.cartridge(), { relaunch })
  gondor.plays(started.state)
  const tried = model.trying
  if (tried?.phase === 'armed') tried.phase = 'running'
  else if (tried?.phase === 'running' && !relaunch) tried.phase = 'ended'
  const content = tried?.phase === 'running' ? tried.content : model.present
  const played = gondor.read(`states/${started.state.split('/').at(-1)}`)
  if (played !== content) throw new Error(`${played} was started, and not ${content}`)
  for (const { name: snapshot } of readTimeline(machine, name).snapshots.toReversed()) {
    if (model.snapshots.some((known) => known.name === snapshot)) continue
    model.snapshots.push({ name: snapshot, content: model.present, pinned: false })
  }
}

async function refused(code: string, work: Promise<unknown>): Promise<void> {
  const outcome = await work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  )
  if (outcome !== code) throw new Error(`${outcome} instead of ${code}`)
}

function stateOfTry(gondor: Gondor): string {
  const present = gondor.cartridge().state.split('/').at(-1)
  const tried = gondor.names('states').find((number) => number !== present)
  return `states/${tried}`
}

/** The machine is what the model says, in everything that a person can see. */
function compare(gondor: Gondor, model: Model): void {
  const timeline = readTimeline(gondor.machine, gondor.name)
  const seen = {
    present: gondor.read(),
    snapshots: timeline.snapshots
      .toReversed()
      .map(({ name, pinned }) => ({ name, content: gondor.read(`snapshots/${name}`), pinned })),
    trying: timeline.trying,
    undo: timeline.undo,
    states: gondor.names('states').length,
  }
  const undo = model.snapshots.some(({ name }) => name === model.undo) ? model.undo : null
  const trying = model.trying && { snapshot: model.trying.snapshot, phase: model.trying.phase }
  const expected = { ...model, trying, undo, states: model.trying ? 2 : 1 }
  if (JSON.stringify(seen) === JSON.stringify(expected)) return
  throw new Error(`the machine is ${JSON.stringify(seen)}\nand should be ${JSON.stringify(expected)}`)
}

t.test(
  'whatever people do in whatever order, the timeline is what they expect',
  { skip: noBtrfs() },
  async (t) => {
    let runs = 0
    let writes = 0
    await fc.assert(
      fc.asyncProperty(fc.array(anyAction, { minLength: 12, maxLength: 18 }), async (sequence) => {
        runs++
        const teardowns: (() => void)[] = []
        try {
          const gondor = await new Gondor({ teardown: (end) => teardowns.push(end) }, 'btrfs').withCartridge(
            '0',
          )
          gondor.tree.writeData(
            'deskvisor.toml',
            '[snapshots]\nkeep_last = 2\nkeep_hourly = 1\nkeep_daily = 1\nkeep_weekly = 1\nkeep_monthly = 1\n',
          )
          const model: Model = { present: '0', snapshots: [], trying: null, undo: null }
          for (const action of sequence) {
            await act(gondor, model, action, () => `${++writes}`)
            compare(gondor, model)
          }
        } finally {
          for (const end of teardowns) end()
        }
      }),
      { numRuns: 12, endOnFailure: true },
    )
    t.equal(runs, 12)
  },
)
