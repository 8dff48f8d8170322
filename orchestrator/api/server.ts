import fastify, { type FastifyInstance } from 'fastify'
import { DeskvisorError } from '../host/errors.ts'
import { log } from '../host/log.ts'
import { carryOut, operationTable } from './call.ts'
import { defaultLimits, type Limits, limitConnections } from './connections.ts'
import { sendEvents } from './events.ts'
import { failureOf, statusOf } from './failure.ts'
import { failureOfHttp, garbageAnswer } from './http-failures.ts'
import { openApiDocument } from './openapi.ts'
import { type Operation, placeOf, type Service } from './operation.ts'
import type { OperationName } from './operations.ts'
import { fromQuery } from './validate.ts'

/** The largest request is a note of 1,000 characters. */
const maxBodyBytes = 64 * 1024

/** Milliseconds that a client has. */
export type Deadlines = {
  /** Until the headers of a request are complete, from its first byte on or from the connection on. */
  headersMs: number
  /** Until all of it is there. */
  requestMs: number
  /** Between two looks for what is over these. */
  checkMs: number
  /** To read the answer to what was no request, until the connection is gone. */
  lingerMs: number
}

/** Node's own are one and five minutes. A busy machine may well keep a client from sending for some seconds. */
const defaultDeadlines: Deadlines = { headersMs: 10_000, requestMs: 20_000, checkMs: 2000, lingerMs: 1000 }

/** The routes of the operation table, without a socket yet. */
export function makeServer(
  service: Service,
  options: { deadlines?: Deadlines; limits?: Limits } = {},
): FastifyInstance {
  const { deadlines = defaultDeadlines, limits = defaultLimits } = options
  const { headersMs, requestMs, checkMs, lingerMs } = deadlines
  const app = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, requestTimeout: requestMs, connectionsCheckingInterval: checkMs },
    keepAliveTimeout: 5000,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 4096 },
    clientErrorHandler: (error, socket) => {
      if (!socket.writable) return void socket.destroy()
      socket.end(garbageAnswer(error))
      // Who does not close the other end would keep the connection.
      const gone = setTimeout(() => socket.destroy(), lingerMs)
      socket.once('close', () => clearTimeout(gone))
    },
    frameworkErrors: (error, _, reply) => {
      const failure = failureOfHttp(error)
      reply.raw.writeHead(statusOf(failure), { 'content-type': 'application/json' })
      reply.raw.end(JSON.stringify(failure))
    },
  })
  const cameTooMany = limitConnections(app.server, limits)
  app.addHook('onRequest', async ({ raw }, reply) => {
    if (!cameTooMany(raw.socket)) return
    reply.header('connection', 'close')
    throw new DeskvisorError('too-many-connections', 'Too much is asked of Deskvisor at once.', {
      hint: 'Try again in a moment.',
    })
  })
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
    addRoute(app, service, name as OperationName, described)
  app.get('/openapi.json', () => openApiDocument())
  app.get<{ Params: { id: string } }>('/jobs/:id/events', (request, reply) =>
    sendEvents(service.jobs, request.params.id, reply),
  )
  return app
}

function addRoute(app: FastifyInstance, service: Service, name: OperationName, described: Operation): void {
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
      const answer = await carryOut(service, name, Object.assign({}, ...parts))
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
