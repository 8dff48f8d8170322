import type { TSchema } from 'typebox'
import { failure, job } from './job.ts'
import { type Description, placeOf } from './operation.ts'
import { operations } from './operations.ts'

/** The contract as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), made from the table of operations. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [name, described] of Object.entries<Description>(operations)) {
    const path = pathOf(described)
    paths[path] = { ...paths[path], [described.method.toLowerCase()]: operationObject(name, described) }
  }
  paths['/jobs/{id}/events'] = { get: eventsObject() }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Deskvisor',
      version,
      description:
        'Served on the unix socket /run/deskvisor/api.sock; its permissions are the access control.',
    },
    paths,
    components: { schemas: { Failure: failure, Job: job } },
  }
}

function pathOf({ path }: Description): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

function operationObject(name: string, described: Description): Record<string, unknown> {
  const inputs = Object.entries<TSchema>(described.takes.properties)
  const required = described.takes.required ?? []
  const parameters = inputs.flatMap(([input, schema]) => {
    const place = placeOf(described, input)
    return place === 'body' ? [] : [{ name: input, in: place, required: required.includes(input), schema }]
  })
  const body = inputs.filter(([input]) => placeOf(described, input) === 'body')
  return {
    operationId: name,
    summary: described.summary,
    ...(described.description === undefined ? {} : { description: described.description }),
    tags: [described.group],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body.length > 0 ? { requestBody: bodyObject(body, required) } : {}),
    responses: { ...answerOf(described.gives), default: failed },
  }
}

function bodyObject(inputs: [string, TSchema][], required: readonly string[]): Record<string, unknown> {
  const schema = {
    type: 'object',
    properties: Object.fromEntries(inputs),
    required: inputs.map(([input]) => input).filter((input) => required.includes(input)),
    additionalProperties: false,
  }
  return { required: schema.required.length > 0, content: { 'application/json': { schema } } }
}

const failed = {
  description: 'What went wrong, and what to do next',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
}

function answerOf(gives: TSchema): Record<string, unknown> {
  if ('type' in gives && gives.type === 'void') return { 204: { description: 'Done' } }
  const schema = gives === job ? { $ref: '#/components/schemas/Job' } : gives
  return { 200: { description: 'Done', content: { 'application/json': { schema } } } }
}

function eventsObject(): Record<string, unknown> {
  const schema = { type: 'string', description: 'Each `data:` line is a Job; the stream ends with the job.' }
  return {
    operationId: 'followJob',
    summary: 'How one job goes, as server-sent events',
    tags: ['Jobs'],
    parameters: [{ name: 'id', in: 'path', required: true, schema: job.properties.id }],
    responses: {
      200: { description: 'Events', content: { 'text/event-stream': { schema } } },
      default: failed,
    },
  }
}
