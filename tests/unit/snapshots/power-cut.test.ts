import { readlinkSync } from 'node:fs'
import t, { type Test } from 'tap'
import { nextStateNumber, openCartridge, stateStore } from '../../../orchestrator/cartridges/index.ts'
import { armTry, prepareStart, readTimeline, takeSnapshot } from '../../../orchestrator/snapshots/index.ts'
import type { Step } from '../../../orchestrator/snapshots/roll-back/fresh-state.ts'
import { replacementSteps } from '../../../orchestrator/snapshots/roll-back/replace.ts'
import { newSnapshot } from '../../../orchestrator/snapshots/take/save.ts'
import { readTry, removeTry } from '../../../orchestrator/snapshots/try/try-record.ts'
import { noBtrfs } from '../fixtures/btrfs.ts'
import { Gondor } from '../fixtures/timeline.ts'

/** A machine that has a good snapshot, and wrote something else since. */
async function machineWithPast(t: Test, kind: 'copy' | 'btrfs') {
  const gondor = await new Gondor(t, kind).withCartridge('good')
  const good = String((await takeSnapshot(gondor.machine, gondor.name, { kind: 'manual' }))?.name)
  gondor.write('present')
  return { gondor, good }
}

type Changes = Record<string, (gondor: Gondor, good: string) => Promise<{ steps: Step[]; after: string }>>

const changes: Changes = {
  'rolling back': async (gondor, good) => {
    const { opened, before } = partsOf(gondor)
    const now = new Date()
    const saveAs = newSnapshot(opened, 'before-rollback', now)
    const number = nextStateNumber(opened.folder)
    return {
      steps: replacementSteps({ opened, before, saveAs, number, from: good, now }),
      after: 'good',
    }
  },
  'rolling back while a moment waits to be tried': async (gondor, good) => {
    await armTry(gondor.machine, gondor.name, good)
    const { opened, before } = partsOf(gondor)
    const now = new Date()
    const saveAs = newSnapshot(opened, 'before-rollback', now)
    const number = nextStateNumber(opened.folder)
    const givenUp = readTry(opened)
    return {
      steps: replacementSteps({ opened, before, saveAs, number, from: good, givenUp, now }),
      after: 'good',
    }
  },
  'keeping a try': async (gondor, good) => {
    await armTry(gondor.machine, gondor.name, good)
    gondor.write('tried', 'states/0002')
    const { opened, before } = partsOf(gondor)
    const tried = readTry(opened) ?? undefined
    const now = new Date()
    const saveAs = newSnapshot(opened, 'before-rollback', now)
    return {
      steps: replacementSteps({ opened, before, saveAs, number: '0002', from: good, tried, now }),
      after: 'tried',
    }
  },
  'dropping a try': async (gondor, good) => {
    await armTry(gondor.machine, gondor.name, good)
    const { opened, store } = partsOf(gondor)
    return {
      steps: [
        { what: 'the state goes', run: () => store.discard([`${opened.folder}/states/0002`]) },
        { what: 'the record goes', run: async () => removeTry(opened) },
      ],
      after: 'present',
    }
  },
  'taking a moment': async (gondor) => ({
    steps: [
      {
        what: 'the moment',
        run: async () => {
          await takeSnapshot(gondor.machine, gondor.name, { kind: 'manual', note: 'a note' })
        },
      },
    ],
    after: 'present',
  }),
}

function partsOf(gondor: Gondor) {
  const opened = openCartridge(gondor.machine, gondor.name)
  return { opened, store: stateStore(opened.folder), before: opened.present() }
}

/** What must hold whenever the power comes back. */
async function expectSound(t: Test, gondor: Gondor, good: string, allowed: string[]): Promise<void> {
  const { machine, name } = gondor
  const target = readlinkSync(gondor.at('present'))
  t.ok(allowed.includes(gondor.read()), `the present is ${gondor.read()}`)
  t.equal(gondor.read(`snapshots/${good}`), 'good', 'the good moment is whole')
  const before = readTimeline(machine, name)
  for (const snapshot of before.snapshots) t.ok(gondor.read(`snapshots/${snapshot.name}`), snapshot.name)
  const content = gondor.read()
  const played = await prepareStart(machine, { ...gondor.cartridge() }, { relaunch: false })
  if (content === 'good')
    t.equal(played.state, gondor.at(target), 'the next start plays what it went back to')
  t.equal(readlinkSync(gondor.at('present')), target, 'the start changes nothing about it')
  const needed = new Set([
    target.slice('states/'.length),
    readTry(openCartridge(machine, name))?.state.number,
  ])
  t.same(gondor.names('states'), [...needed].filter(Boolean).sort(), 'no state is left over')
  const leftovers = ['', 'states', 'snapshots', 'timeline'].flatMap((folder) => gondor.names(folder))
  t.same(
    leftovers.filter((entry) => entry.startsWith('.')),
    [],
    'nothing else is left over',
  )
  const contents = readTimeline(machine, name).snapshots.map((snapshot) =>
    gondor.read(`snapshots/${snapshot.name}`),
  )
  for (const kept of ['present', content].filter((text) => text !== 'tried')) {
    t.ok([...contents, content].includes(kept), `${kept} is still there`)
  }
}

for (const [what, prepare] of Object.entries(changes)) {
  t.test(`${what}, cut off after every step`, async (t) => {
    for (let cut = 0; ; cut++) {
      const { gondor, good } = await machineWithPast(t, 'copy')
      const { steps, after } = await prepare(gondor, good)
      for (const step of steps.slice(0, cut)) await step.run()
      await expectSound(t, gondor, good, ['present', after])
      if (cut < steps.length) continue
      t.equal(gondor.read(), after, 'after the last step it is done')
      break
    }
  })

  t.test(`${what}, with the power cut after every step on btrfs`, { skip: noBtrfs() }, async (t) => {
    const { gondor, good } = await machineWithPast(t, 'btrfs')
    const { disk } = gondor
    if (!disk) return
    // Nothing is written back but what was made to last: a filesystem of the image as it is now is what a cut leaves.
    disk.detach()
    disk.attach('commit=300')
    const { steps, after } = await prepare(gondor, good)
    const cuts = [disk.copyOfDisk('cut-0')]
    for (const [index, step] of steps.entries()) {
      await step.run()
      cuts.push(disk.copyOfDisk(`cut-${index + 1}`))
    }
    disk.detach()
    for (const [index, cut] of cuts.entries()) {
      disk.attachCopy(cut)
      const durable = index === steps.length && what !== 'taking a moment' ? [after] : ['present', after]
      await expectSound(t, gondor, good, durable)
      disk.detach()
    }
    disk.attach()
  })
}
