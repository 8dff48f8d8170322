import { STATUS_CODES } from 'node:http'
import { type ErrorCode, errorCodes } from '../host/error-codes.ts'
import { DeskvisorError, oneLine, sentenceOf } from '../host/errors.ts'
import type { Failure } from './contract/job.ts'
import { failureOf } from './failure.ts'

/** What fastify refuses before an operation is reached (https://fastify.dev/docs/latest/Reference/Errors/), in our words. */
const sentences: Readonly<Record<string, [code: ErrorCode, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'The body is too large; expected at most 65536 bytes.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['bad-request', 'The body is empty; expected a JSON object.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['bad-request', 'The body is not valid JSON; expected a JSON object.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'bad-request',
    'The body is no JSON; expected content-type: application/json.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    'bad-request',
    'The body does not have the length that its header says.',
  ],
  FST_ERR_BAD_URL: ['bad-request', 'The path is not a valid URL; expected UTF-8 in percent-encoding.'],
  FST_ERR_MAX_PARAM_LENGTH: ['bad-request', 'A name in the path is too long.'],
}

/** Anything that a request ended with. */
export function failureOfHttp(error: unknown): Failure {
  const httpCode = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = sentences[httpCode]
  if (known) return failureOf(new DeskvisorError(known[0], known[1]))
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (error instanceof DeskvisorError || !(status >= 400 && status < 500)) return failureOf(error)
  const sentence = `The request cannot be understood: ${oneLine(sentenceOf(error)).replace(/\.$/, '')}.`
  return failureOf(new DeskvisorError('bad-request', sentence))
}

/** The whole answer to bytes that are no HTTP; there is no request that it could be sent by. */
export function garbageAnswer(error: { code?: string }): string {
  const message =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'The request did not come in time.' : 'This is not HTTP.'
  const failure = failureOf(new DeskvisorError('bad-request', message))
  const body = JSON.stringify(failure)
  const status = errorCodes[failure.code].http
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
