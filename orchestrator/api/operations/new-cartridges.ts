import { cloneCartridge, createCartridge, exportCartridge, importCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Machine, Operations } from '../operation.ts'
import { changeAsJob } from '../turns.ts'

export const newCartridgeOperations = {
  importCartridge(machine, request) {
    refuseForeignStream(machine, request.file)
    return changeAsJob(machine, 'importCartridge', request.name, `Importing ${request.name}`, (told) => {
      told.say('The disk is copied.')
      return importCartridge({ root: machine.root, ...request, ...follow(told) }).then(nameOnly)
    })
  },
  exportCartridge(machine, { cartridge, ...request }) {
    refuseForeignStream(machine, request.file)
    return machine.jobs.start('exportCartridge', `Exporting ${cartridge}`, async (told) => {
      told.say('The disk is copied.')
      await exportCartridge({ root: machine.root, name: cartridge, ...request, ...follow(told) })
      return { file: request.file }
    })
  },
  createCartridge: (machine, request) =>
    changeAsJob(machine, 'createCartridge', request.name, `Making ${request.name}`, (told) => {
      told.say('An empty disk is made.')
      return createCartridge({ root: machine.root, ...request }).then(nameOnly)
    }),
  cloneCartridge(machine, { cartridge, ...request }) {
    // A going back or an hourly moment of the original waits, and does not find it locked.
    const both = [cartridge, request.newName]
    const title = `Copying ${cartridge} to ${request.newName}`
    return changeAsJob(machine, 'cloneCartridge', both, title, (told) => {
      told.say(`${cartridge} is copied; what is the same is stored once.`)
      return cloneCartridge({ root: machine.root, name: cartridge, ...request, ...follow(told) }).then(
        nameOnly,
      )
    })
  },
} satisfies Partial<Operations>

function follow({
  progress,
  signal,
}: {
  progress: (done: number, total: number) => void
  signal: AbortSignal
}) {
  return { onProgress: progress, signal }
}

function nameOnly({ name, title }: { name: string; title: string }) {
  return { name, title }
}

/** `-` is standard input or output, and the daemon's are not the caller's. */
function refuseForeignStream({ daemon }: Machine, name: string): void {
  if (!daemon || name !== '-') return
  throw new DeskvisorError('bad-request', 'file is "-"; expected the absolute path of a file.')
}
