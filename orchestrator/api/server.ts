import fastify, { type FastifyInstance } from 'fastify'
import { DeskvisorError } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { carryOut, operationTable } from './call.ts'
import { sendEvents } from './events.ts'
import { failureOf, statusOf } from './failure.ts'
import { failureOfHttp, garbageAnswer } from './http-failures.ts'
import { openApiDocument } from './openapi.ts'
import { type Machine, type Operation, placeOf } from './operation.ts'
import type { OperationName } from './operations.ts'
import { fromQuery } from './validate.ts'

/** The largest request is a note of 1,000 characters. */
const maxBodyBytes = 64 * 1024
/** Every terminal, a desktop app and some scripts; more than that is somebody who went wild. */
const maxConnections = 64
/** Milliseconds in which a request has to be complete. */
const requestMs = 20_000

/** The routes of the operation table, without a socket yet. */
export function makeServer(machine: Machine): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    keepAliveTimeout: 5000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096 },
    clientErrorHandler: (error, socket) => {
      if (socket.writable) socket.end(garbageAnswer(error))
      else socket.destroy()
    },
    frameworkErrors: (error, _, reply) => {
      const failure = failureOfHttp(error)
      reply.raw.writeHead(statusOf(failure), { 'content-type': 'application/json' })
      reply.raw.end(JSON.stringify(failure))
    },
  })
  app.server.maxConnections = maxConnections
  // JSON or nothing.
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, _, reply) => {
    const failure = failureOfHttp(error)
    const status = statusOf(failure)
    if (status >= 500) log.error(failure.message)
    reply.code(status).send(failure)
  })
  app.setNotFoundHandler((request, reply) => {
    const message = `${request.method} ${request.url.slice(0, 200)} is not an operation.`
    const hint = 'GET /openapi.json lists them all.'
    const error = new DeskvisorError('no-such-operation', message, { hint, exitCode: 2 })
    reply.code(404).send(failureOf(error))
  })
  for (const [name, described] of Object.entries(operationTable))
    addRoute(app, machine, name as OperationName, described)
  app.get('/openapi.json', () => openApiDocument())
  app.get<{ Params: { id: string } }>('/jobs/:id/events', (request, reply) =>
    sendEvents(machine.jobs, request.params.id, reply),
  )
  return app
}

function addRoute(app: FastifyInstance, machine: Machine, name: OperationName, described: Operation): void {
  app.route({
    method: described.method,
    url: described.path,
    exposeHeadRoute: false,
    async handler({ params, query, body }, reply) {
      const parts = [fromQuery(described.takes, asInput(query)), asInput(body), asInput(params)]
      for (const [part, place] of [
        [parts[0], 'query'],
        [parts[1], 'body'],
      ] as const)
        refuseMisplaced(described, part, place)
      const answer = await carryOut(machine, name, Object.assign({}, ...parts))
      if (answer === undefined) return reply.code(204).send()
      return reply.type('application/json').send(JSON.stringify(answer))
    },
  })
}

/** The path says what is meant: nothing in the query or the body may say it once more. */
function refuseMisplaced(described: Operation, part: object | undefined, place: 'query' | 'body'): void {
  const properties = described.takes.properties
  const wrong = Object.keys(part ?? {}).find(
    (name) => Object.hasOwn(properties, name) && placeOf(described, name) !== place,
  )
  if (wrong === undefined) return
  const message = `${wrong} is in the ${place}; expected it in the ${placeOf(described, wrong)}.`
  throw new DeskvisorError('bad-request', message, { exitCode: 2 })
}

function asInput(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {}
  if (typeof value === 'object' && !Array.isArray(value)) return { ...value }
  throw new DeskvisorError('bad-request', 'The body is not a JSON object.', { exitCode: 2 })
}
