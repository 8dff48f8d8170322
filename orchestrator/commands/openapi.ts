import { openApiDocument } from '../api/index.ts'
import type { CommandInput } from './description.ts'

export default async function openapi({ stdout }: CommandInput): Promise<undefined> {
  stdout.write(`${JSON.stringify(await openApiDocument(), null, 2)}\n`)
}
