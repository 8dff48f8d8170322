import { DeskvisorError } from '../../host/errors.ts'

/** The error for something that is not a disk to import: DeskvisorError `bad-disk` (exit 2). `what` continues the sentence. */
export function refused(source: string, what: string, hint?: string): DeskvisorError {
  return new DeskvisorError('bad-disk', `${source} ${what}.`, { ...(hint ? { hint } : {}) })
}
