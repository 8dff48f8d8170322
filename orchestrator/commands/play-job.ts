import { type Api, errorOf, type JobInfo } from '../api/index.ts'
import { DeskvisorError, oneLine } from '../host/errors.ts'
import type { CommandInput } from './description.ts'

/**
 * Waits for a job, with its progress on standard error when that is a terminal. Ctrl-C cancels the job, a second one
 * leaves it alone. Throws what the job failed with, or DeskvisorError `cancelled`.
 */
export async function playJob(
  { stderr }: Pick<CommandInput, 'stderr'>,
  api: Api,
  accepted: JobInfo,
): Promise<JobInfo> {
  const line = progressLine(stderr)
  const interrupted = cancelOnce(api, accepted.id)
  process.on('SIGINT', interrupted)
  process.on('SIGTERM', interrupted)
  const job = await api.followJob(accepted.id, line.show).finally(() => {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
    line.end()
  })
  if (job.state === 'done') return job
  if (job.error) throw errorOf(job.error)
  throw new DeskvisorError('cancelled', 'It was cancelled; nothing was changed.')
}

function cancelOnce(api: Api, id: string): () => void {
  let asked = false
  return () => {
    if (asked) process.exit(130)
    asked = true
    // A job that just ended cannot be cancelled any more, and its end is told anyway.
    api.cancelJob(id).catch(() => {})
  }
}

/** One line that is written over; nothing into a pipe. */
function progressLine(stderr: CommandInput['stderr']) {
  let last = ''
  return {
    show({ text, progress, state }: JobInfo) {
      const percent = progress === null ? '' : ` ${Math.floor(progress * 100)} %`
      const next = `${oneLine(text)}${percent}`
      if (!stderr.isTTY || next === last || state !== 'running') return
      last = next
      stderr.write(`\r\u001b[K${next.slice(0, (stderr.columns ?? 80) - 1)}`)
    },
    end() {
      if (last !== '') stderr.write('\r\u001b[K')
    },
  }
}
