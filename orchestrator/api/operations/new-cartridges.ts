import { cloneCartridge, createCartridge, exportCartridge, importCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import type { Operations, Service } from '../operation.ts'
import { changeAsJob } from '../turns.ts'

export const newCartridgeOperations = {
  importCartridge(service, request) {
    refuseForeignStream(service, request.file)
    return changeAsJob(service, 'importCartridge', request.name, `Importing ${request.name}`, (context) => {
      context.say('The disk is copied.')
      return importCartridge({ machine: service.machine, ...request, ...follow(context) }).then(nameOnly)
    })
  },
  exportCartridge(service, { cartridge, ...request }) {
    refuseForeignStream(service, request.file)
    return service.jobs.start('exportCartridge', `Exporting ${cartridge}`, async (context) => {
      context.say('The disk is copied.')
      await exportCartridge({ machine: service.machine, name: cartridge, ...request, ...follow(context) })
      return { file: request.file }
    })
  },
  createCartridge: (service, request) =>
    changeAsJob(service, 'createCartridge', request.name, `Making ${request.name}`, (context) => {
      context.say('An empty disk is made.')
      return createCartridge({ machine: service.machine, ...request }).then(nameOnly)
    }),
  cloneCartridge(service, { cartridge, ...request }) {
    // A going back or an hourly snapshot of the original waits, and does not find it locked.
    const both = [cartridge, request.newName]
    const title = `Copying ${cartridge} to ${request.newName}`
    return changeAsJob(service, 'cloneCartridge', both, title, (context) => {
      context.say(`${cartridge} is copied; what is the same is stored once.`)
      return cloneCartridge({
        machine: service.machine,
        name: cartridge,
        ...request,
        ...follow(context),
      }).then(nameOnly)
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
function refuseForeignStream({ daemon }: Service, name: string): void {
  if (!daemon || name !== '-') return
  throw new DeskvisorError('bad-request', 'file is "-"; expected the absolute path of a file.')
}
