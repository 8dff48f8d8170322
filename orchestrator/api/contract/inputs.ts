import Type from 'typebox'
import { snapshotKinds } from '../../snapshots/kinds.ts'
import { jobIdPattern } from './job-id.ts'

/**
 * What is asked for. `description` continues the sentence "expected …" of an error message, and is what the OpenAPI
 * document says. Names are looked at again by the rooms that own them; here nothing may leave its folder.
 */

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

export const snapshotKind = Type.Enum([...snapshotKinds], {
  description: `one of ${snapshotKinds.join(', ')}`,
})

export const snapshotName = Type.String({
  pattern: folderPattern,
  maxLength: 200,
  description: 'the name of a moment, for example 2026-11-20T21:05:03Z-boot',
})

export const goldenSnapshot = Type.Union([snapshotName, Type.Null()], {
  description: 'the name of a moment, or null for none',
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
