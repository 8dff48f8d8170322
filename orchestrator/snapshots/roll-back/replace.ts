import { join } from 'node:path'
import {
  isFolder,
  type OpenedCartridge,
  type State,
  swapPresent,
  unfinishedPrefix,
} from '../../cartridges/index.ts'
import { sentenceOf } from '../../host/errors.ts'
import { log } from '../../host/log.ts'
import { readStateNotes, writeStateNotes } from '../state-notes.ts'
import { type NewSnapshot, noteNew, saveState } from '../take/save.ts'
import { forgetNotes } from '../timeline/notes.ts'
import { asSnapshot, knownSnapshots } from '../timeline/timeline.ts'
import { dropState, removeTry, type Try } from '../try/try-record.ts'
import type { LongWork, Snapshot } from '../types.ts'
import { freshStateSteps, type Step } from './fresh-state.ts'

/** What takes the place of the present. */
export type Replacement = {
  opened: OpenedCartridge
  /** The present before; null in a cartridge that lost it. */
  before: State | null
  /** The snapshot to keep the present as before; null to let it go. */
  saveAs: NewSnapshot | null
  /** Number of the new present, and the snapshot that it comes from. */
  number: string
  from: string
  /** A tried state becomes the present; without one the snapshot is copied. */
  tried?: Try
  /** A try that waits for its start and gives it up. */
  givenUp?: Try | null
  /** Asked once more when everything is copied, which may take long: throws when the present may not go now. */
  expectFree?: () => Promise<void>
  now: Date
} & LongWork

/**
 * Makes a state the present, one atomic step after the other: wherever this is cut off, the present is the old or the
 * new one, complete, and `sweep` removes the rest.
 */
export function replacementSteps(replacement: Replacement): Step[] {
  const { opened, before, saveAs, number, from, tried, givenUp, expectFree, now, onProgress, signal } =
    replacement
  const notes = {
    from,
    saved: before && saveAs ? saveAs.name : null,
    replaces: before?.number ?? null,
    healthy: tried !== undefined && readStateNotes(tried.state.path).healthy,
  }
  const steps: (Step | false)[] = [
    before !== null &&
      saveAs !== null && {
        what: 'The present is kept as a moment.',
        run: async () => {
          await saveState(opened, before.path, saveAs, { onProgress, signal })
          noteNew(opened, saveAs, { consistency: 'offline' })
        },
      },
    ...(tried
      ? [
          {
            what: 'What was tried is told whose place it takes.',
            run: async () => writeStateNotes(tried.state.path, notes, now),
          },
        ]
      : freshStateSteps({ opened, number, from, notes, now, onProgress, signal })),
    {
      what: 'The copy becomes the present.',
      run: async () => {
        await expectFree?.()
        swapPresent(opened.machine, opened.name, number)
      },
    },
    tried !== undefined && { what: 'The try ends.', run: async () => removeTry(opened) },
    // It was over with the present before (try-record.ts); this only clears away.
    givenUp != null && {
      what: 'What was about to be tried is removed.',
      run: () => dropState(opened, givenUp),
    },
    before !== null && {
      what: 'The former present, which is kept as a moment, is removed.',
      run: () => opened.store.discard([before.path]),
    },
  ]
  return steps.filter((step) => step !== false)
}

/** Takes the steps. A failure before the present changed leaves everything as it was, and is thrown. */
export async function replacePresent(replacement: Replacement): Promise<Snapshot | null> {
  const { opened, before, saveAs, number, signal } = replacement
  try {
    for (const step of replacementSteps(replacement)) {
      if (opened.present()?.number !== number) signal?.throwIfAborted()
      await step.run()
    }
  } catch (error) {
    if (opened.present()?.number !== number) {
      await putBack(replacement)
      throw error
    }
    log.warning(`${opened.name} went back, but something is left over: ${sentenceOf(error)}`)
  }
  const saved = before && saveAs && knownSnapshots(opened).find(({ name }) => name === saveAs.name)
  return saved ? asSnapshot(saved) : null
}

async function putBack({ opened, saveAs, number, tried }: Replacement): Promise<void> {
  const made = [
    saveAs && join(opened.snapshots, saveAs.name),
    tried ? null : join(opened.states, number),
    tried ? null : join(opened.states, unfinishedPrefix + number),
  ]
  for (const path of made) {
    if (path === null || !isFolder(path)) continue
    await opened.store
      .discard([path])
      .catch((error: unknown) => log.warning(`A leftover cannot be removed now: ${sentenceOf(error)}`))
  }
  if (saveAs) forgetNotes(opened, saveAs.name)
}
