import { serve } from '../api/index.ts'
import type { CommandInput } from './description.ts'

export default async function serveCommand({ machine }: CommandInput): Promise<undefined> {
  await serve(machine)
}
