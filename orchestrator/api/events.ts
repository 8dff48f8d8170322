import type { FastifyReply } from 'fastify'
import type { JobInfo } from './contract/job.ts'
import type { Jobs } from './jobs.ts'

/** Milliseconds between two events of a job that only moved on. */
const pauseMs = 100
/** Milliseconds after which a comment shows both ends that the other is still there. */
const heartbeatMs = 15_000

/**
 * A job as it is and whenever it changed, as server-sent events (WHATWG HTML, 9.2), until it ended or the client left.
 * Throws DeskvisorError `no-such-job` before anything was sent.
 */
export async function sendEvents(jobs: Jobs, id: string, reply: FastifyReply): Promise<void> {
  jobs.get(id)
  const left = new AbortController()
  reply.hijack()
  const response = reply.raw
  response.on('close', () => left.abort())
  response.on('error', () => left.abort())
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  const heartbeat = setInterval(() => response.write(': still there\n\n'), heartbeatMs)
  const events = inIntervals((job) => {
    // Who reads slowly gets fewer events, and the last one in any case.
    if (job.state === 'running' && response.writableNeedDrain) return
    response.write(`data: ${JSON.stringify(job)}\n\n`)
  })
  try {
    await jobs.follow(id, events.show, left.signal)
  } catch {
    // The client left; the job goes on.
  } finally {
    clearInterval(heartbeat)
    events.stop()
    response.end()
  }
}

/** Passes on the first and the last job at once, and in between the newest at intervals. */
function inIntervals(send: (job: JobInfo) => void) {
  let newest: JobInfo | undefined
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    timer = undefined
    if (newest) send(newest)
    newest = undefined
  }
  return {
    show(job: JobInfo) {
      newest = job
      if (job.state !== 'running') {
        clearTimeout(timer)
        flush()
      } else if (timer === undefined) {
        flush()
        timer = setTimeout(flush, pauseMs)
      }
    },
    stop: () => clearTimeout(timer),
  }
}
