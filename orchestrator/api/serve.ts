import type { FastifyInstance } from 'fastify'
import { sweepLeftovers } from '../cartridges/index.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { notify } from '../host/systemd.ts'
import { serviceAt } from './call.ts'
import { daemonLog } from './daemon-log.ts'
import { listenAt } from './listen.ts'
import type { Service } from './operation.ts'
import { startPendingDesktop } from './pending-desktop.ts'
import { makeServer } from './server.ts'

/** Milliseconds without a connection or any work after which a socket-activated daemon ends; the next connection starts it again. */
export const defaultIdleMs = 60_000

/**
 * Serves the contract on a unix socket until SIGTERM or SIGINT, or until nobody needed it for a while (only when systemd
 * holds the socket). Who may talk to it is decided by the permissions of the socket alone.
 * Throws DeskvisorError `already-served`, `socket-unusable`.
 */
export async function serve(
  machine: Machine,
  { idleMs = defaultIdleMs }: { idleMs?: number } = {},
): Promise<void> {
  const service = serviceAt(machine, { daemon: true, log: daemonLog() })
  const app = makeServer(service)
  await app.ready()
  const listening = await listenAt(app.server, machine)
  notify('READY=1')
  log.info(`Serving on ${listening.name}.`)
  service.background.start('desktop', (signal) => startPendingDesktop(machine, service.desktop, signal))
  // Every hour and every menu start a daemon, and no start of the desktop waits for one.
  service.background.start('leftovers', () => sweepLeftovers(machine))
  await untilOver(service, app, listening.activated ? idleMs : Number.POSITIVE_INFINITY)
  notify('STOPPING=1')
  await Promise.all([service.jobs.endAll(), service.background.endAll()])
  await app.close()
  listening.remove()
}

/** Resolves at SIGTERM or SIGINT, or when there was neither work nor a connection for `idleMs`. */
export function untilOver(
  service: Pick<Service, 'jobs' | 'background'>,
  app: FastifyInstance,
  idleMs: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let needed = performance.now()
  const need = () => {
    needed = performance.now()
  }
  app.server.on('connection', need)
  const timer = setInterval(
    () => {
      app.server.getConnections((_, count) => {
        if (service.jobs.busy || service.background.busy || count > 0) need()
        else if (performance.now() - needed >= idleMs) resolve()
      })
    },
    Math.min(1000, idleMs),
  )
  const end = () => resolve()
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  return promise.finally(() => {
    clearInterval(timer)
    process.off('SIGTERM', end)
    process.off('SIGINT', end)
  })
}
