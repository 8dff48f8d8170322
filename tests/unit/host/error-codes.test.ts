import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openApiDocument } from '../../../orchestrator/api/openapi.generated.mjs'
import { asErrorCode, errorCodes } from '../../../orchestrator/host/error-codes.ts'
import { DeskvisorError } from '../../../orchestrator/host/errors.ts'

const repository = join(import.meta.dirname, '../../..')

t.test('every code of an error is used somewhere', async (t) => {
  const sources = ['orchestrator', 'tui'].flatMap((top) =>
    readdirSync(join(repository, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('error-codes.ts'))
      .map((file) => readFileSync(join(repository, top, file), 'utf8')),
  )
  const unused = Object.keys(errorCodes).filter((code) => !sources.some((text) => text.includes(`'${code}'`)))
  t.same(unused, [])
})

t.test('the code says how a command ends, and nobody else does', async (t) => {
  t.equal(new DeskvisorError('bad-name', 'No.').exitCode, 2)
  t.equal(new DeskvisorError('busy', 'No.').exitCode, 1)
  t.equal(new DeskvisorError('output-failed', 'No.').exitCode, 3)
  for (const [code, { exit, http }] of Object.entries(errorCodes))
    t.equal(exit === 2, [400, 404, 413].includes(http), `${code}: HTTP and the exit status say the same`)
})

t.test('a code of another version is told as something unexpected', async (t) => {
  t.equal(asErrorCode('busy'), 'busy')
  for (const code of ['made-up', 'constructor', 7, undefined]) t.equal(asErrorCode(code), 'internal')
})

t.test('the OpenAPI document lists them', async (t) => {
  const document = JSON.parse(JSON.stringify(openApiDocument))
  t.same(document.components.schemas.Failure.properties.code.enum, Object.keys(errorCodes))
})
