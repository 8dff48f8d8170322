import Type from 'typebox'
import { cloneCartridge, createCartridge, exportCartridge, importCartridge } from '../../cartridges/index.ts'
import { DeskvisorError } from '../../host/errors.ts'
import { operation, type Service } from '../operation.ts'
import { cartridgeName, diskBytes, file, job, momentName, title } from '../schemas.ts'
import { changeAsJob } from '../turns.ts'

const group = 'Operating systems'
const closed = { additionalProperties: false }

export const newCartridgeOperations = {
  importCartridge: operation({
    group,
    summary: 'Make an operating system from a disk or a disk image',
    method: 'POST',
    path: '/import',
    arguments: ['*'],
    takes: Type.Object({ file, name: cartridgeName, title: Type.Optional(title) }, closed),
    gives: job,
    run(service, request) {
      refuseForeignStream(service, request.file)
      return changeAsJob(service, 'importCartridge', request.name, `Importing ${request.name}`, (told) => {
        told.say('The disk is copied.')
        return importCartridge({ machine: service.machine, ...request, ...follow(told) }).then(nameOnly)
      })
    },
  }),
  exportCartridge: operation({
    group,
    summary: 'Write the disk of an operating system, or of one of its moments, into a new file',
    method: 'POST',
    path: '/cartridges/:cartridge/export',
    arguments: ['*'],
    takes: Type.Object({ cartridge: cartridgeName, file, snapshot: Type.Optional(momentName) }, closed),
    gives: job,
    run(service, { cartridge, ...request }) {
      refuseForeignStream(service, request.file)
      return service.jobs.start('exportCartridge', `Exporting ${cartridge}`, async (told) => {
        told.say('The disk is copied.')
        await exportCartridge({ machine: service.machine, name: cartridge, ...request, ...follow(told) })
        return { file: request.file }
      })
    },
  }),
  createCartridge: operation({
    group,
    summary: 'Make an operating system with an empty disk, to install into',
    method: 'POST',
    path: '/create',
    arguments: ['*'],
    takes: Type.Object({ name: cartridgeName, title: Type.Optional(title), sizeBytes: diskBytes }, closed),
    gives: job,
    run: (service, request) =>
      changeAsJob(service, 'createCartridge', request.name, `Making ${request.name}`, (told) => {
        told.say('An empty disk is made.')
        return createCartridge({ machine: service.machine, ...request }).then(nameOnly)
      }),
  }),
  cloneCartridge: operation({
    group,
    summary: 'Make a second operating system from one, or from one of its moments',
    method: 'POST',
    path: '/cartridges/:cartridge/clone',
    arguments: ['*'],
    takes: Type.Object(
      { cartridge: cartridgeName, newName: cartridgeName, snapshot: Type.Optional(momentName) },
      closed,
    ),
    gives: job,
    run: (service, { cartridge, ...request }) =>
      changeAsJob(
        service,
        'cloneCartridge',
        // A going back or an hourly moment of the original waits, and does not find it locked.
        [cartridge, request.newName],
        `Copying ${cartridge} to ${request.newName}`,
        (told) => {
          told.say(`${cartridge} is copied; what is the same is stored once.`)
          return cloneCartridge({
            machine: service.machine,
            name: cartridge,
            ...request,
            ...follow(told),
          }).then(nameOnly)
        },
      ),
  }),
}

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
  throw new DeskvisorError('bad-request', 'file is "-"; expected the absolute path of a file.', {
    exitCode: 2,
  })
}
