import { DeskvisorError } from '../../host/errors.ts'
import type { Next } from '../../host/next-step.ts'

/** The error for something that is not a disk to import: DeskvisorError `bad-disk` (exit 2). `what` continues the sentence. */
export function refused(source: string, what: string, next?: Next): DeskvisorError {
  return new DeskvisorError('bad-disk', `${source} ${what}.`, { ...(next ? { next } : {}) })
}
