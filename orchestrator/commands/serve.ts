import { serve } from '../api/index.ts'
import type { CommandInput } from './description.ts'

export default async function serveCommand({ root }: CommandInput): Promise<undefined> {
  await serve(root)
}
