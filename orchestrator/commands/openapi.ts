import { openApiDocument } from '../api/index.ts'

export default async function openapi(): Promise<undefined> {
  process.stdout.write(`${JSON.stringify(await openApiDocument(), null, 2)}\n`)
}
