import { failureOf } from '../api/index.ts'

/** A failure as one line of JSON, as a failed job has it: `code` is stable, and programs may match it. */
export function failureAsJson(error: unknown): string {
  return `${JSON.stringify({ error: failureOf(error) })}\n`
}
