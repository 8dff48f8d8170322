import Type from 'typebox'
import { snapshotKinds } from '../snapshots/index.ts'
import { jobIdPattern } from './job-record.ts'

/**
 * The values that travel. `description` continues the sentence "expected …" of an error message, and is what the
 * OpenAPI document says. Names are looked at again by the rooms that own them; here nothing may leave its folder.
 */
const closed = { additionalProperties: false }

/** One name of a folder: no separator, no control character, neither `.` nor `..`. */
const entryPattern = '^(?!\\.{1,2}$)[^/\\u0000-\\u001f\\u007f]+$'

/** The same, and not hidden. */
const folderPattern = '^[^./\\u0000-\\u001f\\u007f][^/\\u0000-\\u001f\\u007f]*$'

export const cartridgeName = Type.String({
  pattern: folderPattern,
  minLength: 1,
  maxLength: 64,
  description: 'the name of an operating system: up to 64 letters, digits, blanks, dots, dashes and the like',
})

export const momentKind = Type.Enum([...snapshotKinds], { description: `one of ${snapshotKinds.join(', ')}` })

export const momentName = Type.String({
  pattern: folderPattern,
  maxLength: 200,
  description: 'the name of a moment, for example 2026-11-20T21:05:03Z-boot',
})

export const trashEntry = Type.String({
  pattern: entryPattern,
  maxLength: 255,
  description: 'an entry of the trash',
})

export const file = Type.String({
  pattern: '^(/[^\\u0000]*|-)$',
  maxLength: 4096,
  description: 'the absolute path of a file',
})

export const title = Type.String({ maxLength: 100, description: 'a text of up to 100 characters' })
export const note = Type.String({ maxLength: 1000, description: 'a text of up to 1000 characters' })
export const yesOrNo = Type.Boolean({ description: 'true or false' })

/** 64 TiB, what a btrfs on 4 KiB pages is known to carry well as one file. */
export const diskBytes = Type.Integer({
  minimum: 1_048_576,
  maximum: 64 * 2 ** 40,
  description: 'a whole number of bytes from 1048576 (1 MiB) to 70368744177664 (64 TiB)',
})

export const jobId = Type.String({ pattern: jobIdPattern, description: 'the id of a job' })

export const logLines = Type.Integer({
  minimum: 1,
  maximum: 5000,
  description: 'a whole number from 1 to 5000',
})

export const nothing = Type.Void()

const text = Type.String()
const count = Type.Integer({ minimum: 0 })
const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const bytes = Type.Integer({ minimum: 0, description: 'bytes' })

const trying = orNull(
  Type.Object({ snapshot: text, phase: Type.Enum(['armed', 'running', 'ended']) }, closed),
)

export const moment = Type.Object(
  {
    name: text,
    kind: momentKind,
    takenAt: text,
    note: text,
    pinned: Type.Boolean(),
    healthy: Type.Boolean(),
    consistency: Type.Enum(['offline', 'frozen', 'crash-consistent']),
    pauseMs: orNull(Type.Number()),
    osLabel: orNull(text),
    exclusiveBytes: orNull(bytes),
    writtenBytes: orNull(bytes),
  },
  closed,
)

export const timeline = Type.Object(
  {
    cartridge: text,
    snapshots: Type.Array(moment),
    trying,
    undo: orNull(text),
    present: Type.Object({ from: orNull(text), byReset: Type.Boolean(), inVain: Type.Array(text) }, closed),
  },
  closed,
)

export const retentionPlan = Type.Object(
  {
    keep: Type.Array(Type.Object({ name: text, reasons: Type.Array(text) }, closed)),
    remove: Type.Array(Type.Object({ name: text, reason: text }, closed)),
    ifNeeded: Type.Array(Type.Object({ name: text, reason: text }, closed)),
  },
  closed,
)

export const cartridge = Type.Object(
  {
    name: text,
    title: text,
    note: text,
    inserted: Type.Boolean(),
    running: Type.Boolean(),
    problem: orNull(text),
    diskBytes: orNull(bytes),
    dataBytes: orNull(bytes),
    snapshots: count,
    golden: Type.Boolean(),
    reset: Type.Boolean(),
    trying,
  },
  closed,
)

export const failure = Type.Object(
  { code: text, message: text, hint: orNull(text), wrongInput: Type.Optional(Type.Boolean()) },
  closed,
)

export const job = Type.Object(
  {
    id: jobId,
    kind: text,
    title: text,
    state: Type.Enum(['running', 'done', 'failed', 'cancelled']),
    progress: orNull(Type.Number({ minimum: 0, maximum: 1 })),
    text,
    startedAt: text,
    endedAt: orNull(text),
    result: Type.Unknown(),
    error: orNull(failure),
  },
  closed,
)

export const trashed = Type.Object({ entry: text, name: text, deletedAt: text }, closed)
export const importSource = Type.Object({ path: text, text, bytes }, closed)

export const status = Type.Object(
  {
    version: text,
    intent: orNull(
      Type.Object(
        {
          intent: Type.Enum(['desktop', 'recovery']),
          reason: Type.Object({ code: Type.Unsafe<ReasonCode>({ type: 'string' }), text }, closed),
          waitedMs: Type.Optional(Type.Number()),
        },
        closed,
      ),
    ),
    operatingSystem: orNull(Type.Object({ name: text, title: text }, closed)),
    console: Type.Object(
      { running: Type.Boolean(), healthy: Type.Boolean(), starts: count, crashes: count },
      closed,
    ),
    memory: Type.Object({ total: bytes, available: bytes }, closed),
    space: orNull(Type.Object({ free: bytes, floor: bytes, warning: orNull(text) }, closed)),
    addresses: Type.Array(Type.Object({ interface: text, address: text }, closed)),
    bootKey: text,
    configError: orNull(text),
    passthrough: Type.Array(
      Type.Object({ address: text, description: text, given: Type.Boolean(), reason: text }, closed),
    ),
  },
  closed,
)

type ReasonCode = import('../boot/index.ts').Reason['code']
