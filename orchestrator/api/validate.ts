import type { Static, TObject, TSchema } from 'typebox'
import Value from 'typebox/value'
import { DeskvisorError, oneLine } from '../host/errors.ts'
import { nearest } from '../host/nearest.ts'
import { asObject } from '../host/objects.ts'

/**
 * The input of an operation, or DeskvisorError `bad-request` (exit 2) with one sentence that says what was wrong and
 * what was expected.
 */
export function checkedInput<Takes extends TObject>(takes: Takes, input: unknown): Static<Takes> {
  if (Value.Check(takes, input)) return input
  throw new DeskvisorError('bad-request', firstProblem(takes, asObject(input)), { exitCode: 2 })
}

function firstProblem(takes: TObject, input: Record<string, unknown>): string {
  const known: Record<string, TSchema> = takes.properties
  const unknown = Object.keys(input).find((name) => !Object.hasOwn(known, name))
  if (unknown !== undefined) return unknownName(unknown, Object.keys(known))
  for (const [name, schema] of Object.entries(known)) {
    const expected = 'description' in schema ? schema.description : 'another value'
    if (!Object.hasOwn(input, name)) {
      if (takes.required?.includes(name)) return `${name} is missing; expected ${expected}.`
    } else if (!Value.Check(schema, input[name])) {
      return `${name} is ${shown(input[name])}; expected ${expected}.`
    }
  }
  const [error] = Value.Errors(takes, input)
  return `The request does not fit: ${oneLine(error?.message ?? 'it is not an object')}.`
}

function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  if (meant !== undefined) return `${shown(name)} is not known; did you mean ${meant}?`
  const expected = known.length > 0 ? `expected ${known.join(', ')}` : 'nothing is expected'
  return `${shown(name)} is not known; ${expected}.`
}

/** Numbers and truths of a query are text; those that read as such become what they say. */
export function fromQuery(takes: TObject, query: Record<string, unknown>): Record<string, unknown> {
  const properties: Record<string, TSchema> = takes.properties
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = Object.hasOwn(properties, name) ? asObject(properties[name]).type : undefined
      if (type === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value))
        return [name, Number(value)]
      if (type === 'boolean' && (value === 'true' || value === 'false')) return [name, value === 'true']
      return [name, value]
    }),
  )
}

/** Whatever was sent must not steer the terminal that shows it. */
function shown(value: unknown): string {
  const text = oneLine(JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
