import { DeskvisorError, oneLine } from '../host/errors.ts'
import { nearest } from '../host/nearest.ts'
import { asObject } from '../host/objects.ts'
import type { Input } from './contract/api.ts'
import type { OperationName } from './contract/operations.ts'
import { operationTable, type Takes } from './operations.generated.mjs'
import { validators } from './validators.generated.mjs'

/**
 * The input of an operation, or DeskvisorError `bad-request` (exit 2) with one sentence that says what was wrong and
 * what was expected.
 */
export function checkedInput<Name extends OperationName>(name: Name, input: unknown): Input<Name> {
  const validate = validators[name]
  if (validate(input)) return input as Input<Name>
  const wrong = new Set(validate.errors?.map(({ instancePath }) => instancePath.split('/')[1]))
  const problem = firstProblem(operationTable[name].takes, asObject(input), wrong)
  throw new DeskvisorError('bad-request', problem)
}

/** `wrong` holds the names of the inputs that are there, and are not what was expected. */
function firstProblem(takes: Takes, input: Record<string, unknown>, wrong: ReadonlySet<unknown>): string {
  const known = Object.keys(takes.properties)
  const unknown = Object.keys(input).find((name) => !known.includes(name))
  if (unknown !== undefined) return unknownName(unknown, known)
  for (const [name, { description: expected }] of Object.entries(takes.properties)) {
    if (wrong.has(name)) return `${name} is ${shown(input[name])}; expected ${expected}.`
    if (!Object.hasOwn(input, name) && takes.required?.includes(name))
      return `${name} is missing; expected ${expected}.`
  }
  return 'The request does not fit: it is not an object.'
}

function unknownName(name: string, known: readonly string[]): string {
  const meant = nearest(name, known)
  if (meant !== undefined) return `${shown(name)} is not known; did you mean ${meant}?`
  const expected = known.length > 0 ? `expected ${known.join(', ')}` : 'nothing is expected'
  return `${shown(name)} is not known; ${expected}.`
}

/** Numbers and truths of a query are text; those that read as such become what they say. */
export function fromQuery(takes: Takes, query: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      const type = Object.hasOwn(takes.properties, name) ? takes.properties[name]?.type : undefined
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
