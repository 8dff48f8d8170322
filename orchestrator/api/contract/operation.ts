import type { TObject, TSchema } from 'typebox'

/** What is known of an operation without doing it. */
export type Description = {
  /** How OpenAPI groups it. */
  group: 'Machine' | 'Operating systems' | 'Timeline' | 'Jobs'
  summary: string
  /** More about it, where the summary does not say all. */
  description?: string
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** As fastify writes it; `:name` is one of what it takes. */
  path: string
  /** Names of the arguments of the client's method, in order; `*` is an object with all that is not named before. */
  arguments: readonly string[]
  /** Every input by its name. Where the path does not name it, it is in the query (GET, DELETE) or in the JSON body. */
  takes: TObject
  gives: TSchema
}

export type Descriptions = Readonly<Record<string, Description>>

export type Place = 'path' | 'query' | 'body'

/** Where an input travels. */
export function placeOf({ method, path }: Pick<Description, 'method' | 'path'>, name: string): Place {
  if (path.split('/').includes(`:${name}`)) return 'path'
  return method === 'GET' || method === 'DELETE' ? 'query' : 'body'
}
