import Type, { type Static } from 'typebox'
import { type ErrorCode, errorCodes } from '../../host/error-codes.ts'
import { type NextStep, nextSteps } from '../../host/next-step.ts'
import { jobId } from './inputs.ts'
import { closed, orNull, text } from './parts.ts'

const nextStep = Type.Unsafe<NextStep>(
  Type.Union(
    Object.entries(nextSteps).map(([name, needed]) =>
      closed({
        do: Type.Literal(name),
        ...Object.fromEntries(needed.map((property: string) => [property, text()])),
      }),
    ),
  ),
)

/** A stable code, a sentence for people, and what to do next. */
export const failure = closed({
  code: Type.Enum(Object.keys(errorCodes) as ErrorCode[], { description: 'stable; programs may match it' }),
  message: text(),
  next: Type.Array(nextStep, { description: 'what to do next' }),
  hint: orNull(text(), 'the same as a person at a command line reads it'),
  snapshot: Type.Optional(
    text(
      'the name of the moment that the message is about: whoever calls it something else puts that in its place',
    ),
  ),
  wrongInput: Type.Optional(
    Type.Boolean({ description: 'set when what was asked for was wrong, and not the machine' }),
  ),
})

export type Failure = Static<typeof failure>

/** Long work. It goes on when the one who asked for it leaves. */
export const job = closed({
  id: jobId,
  kind: text('the operation, for example rollBack'),
  title: text('what is done, in plain words: "Importing gondor"'),
  state: Type.Enum(['running', 'done', 'failed', 'cancelled']),
  progress: orNull(Type.Number({ minimum: 0, maximum: 1 }), 'null when nobody knows'),
  text: text('how it goes, in a sentence'),
  snapshot: Type.Optional(
    text(
      'the name of the moment that title or text is about: whoever calls it something else puts that in its place',
    ),
  ),
  startedAt: text('ISO 8601, UTC'),
  endedAt: orNull(text()),
  result: Type.Unknown({ description: 'what the work gave; depends on its kind' }),
  error: orNull(failure),
})

export type JobInfo = Static<typeof job>
