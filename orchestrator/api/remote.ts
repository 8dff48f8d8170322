import { type IncomingMessage, request } from 'node:http'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Caller } from './call.ts'
import type { Failure, JobInfo } from './contract/job.ts'
import { type Description, placeOf } from './contract/operation.ts'
import { errorOf } from './failure.ts'
import { inputOf } from './operation.ts'
import { operationTable } from './operations.generated.mjs'
import { checkedInput } from './validate.ts'

/** More than any answer has: 10,000 snapshots are about 3 MB. */
const maxAnswerBytes = 64 * 1024 * 1024

/** Operations done by the daemon that listens on this socket. */
export function remoteCaller(socketPath: string): Caller {
  return {
    async call(name, args) {
      const described = operationTable[name]
      // Checked here too: what is missing could not even be written into a path.
      const asked = asRequest(described, checkedInput(name, inputOf(described, args)))
      const answer = await send(socketPath, asked)
      const text = await textOf(answer)
      return text === '' ? undefined : JSON.parse(text)
    },
    async followJob(id, onChange, signal) {
      const path = `/jobs/${encodeURIComponent(id)}/events`
      const answer = await send(socketPath, { method: 'GET', path, signal })
      for await (const job of eventsOf(answer)) {
        onChange(job)
        if (job.state !== 'running') return job
      }
      signal?.throwIfAborted()
      throw gone('it ended before the work was done')
    },
  }
}

type Asked = { method: string; path: string; body?: string; signal?: AbortSignal | undefined }

function asRequest(described: Pick<Description, 'method' | 'path'>, input: object): Asked {
  let path = described.path
  const query = new URLSearchParams()
  const body: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(input)) {
    const place = placeOf(described, name)
    if (place === 'path') path = path.replace(`:${name}`, encodeURIComponent(String(value)))
    else if (place === 'query') query.set(name, String(value))
    else body[name] = value
  }
  const text = Object.keys(body).length > 0 ? { body: JSON.stringify(body) } : {}
  return { method: described.method, path: query.size > 0 ? `${path}?${query}` : path, ...text }
}

function send(socketPath: string, { method, path, body, signal }: Asked): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request({ socketPath, method, path, headers, agent: false, ...(signal ? { signal } : {}) })
    asked.on('error', (error) => reject(signal?.aborted ? signal.reason : gone(sentenceOf(error))))
    asked.on('response', (answer) => {
      if ((answer.statusCode ?? 500) < 400) return resolve(answer)
      textOf(answer).then((text) => reject(failureIn(text)), reject)
    })
    asked.end(body)
  })
}

function failureIn(text: string): DeskvisorError {
  try {
    const { code, message, next = [], snapshot } = JSON.parse(text) as Partial<Failure>
    if (code !== undefined && typeof message === 'string')
      return errorOf({ code, message, next, ...(snapshot === undefined ? {} : { snapshot }) })
  } catch {
    // Told below: an answer that is none of ours.
  }
  return gone('its answer cannot be understood')
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  try {
    for await (const piece of answer) {
      text += piece
      if (text.length > maxAnswerBytes) throw new Error('its answer is too long')
    }
  } catch (error) {
    throw gone(sentenceOf(error))
  }
  return text
}

/** Server-sent events (WHATWG HTML, 9.2): each is a job, in one line of data. */
async function* eventsOf(answer: IncomingMessage): AsyncGenerator<JobInfo> {
  let pending = ''
  answer.setEncoding('utf8')
  try {
    for await (const piece of answer) {
      const lines = (pending + piece).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('data: ')) yield JSON.parse(line.slice(6))
    }
  } catch {
    // Told by the caller: the stream ended before the job did.
  }
}

function gone(why: string): DeskvisorError {
  return new DeskvisorError('daemon-gone', `The Deskvisor service does not answer: ${why}.`, {
    next: ['Try again.', { do: 'read-journal', which: '-u deskvisor-api' }],
  })
}
