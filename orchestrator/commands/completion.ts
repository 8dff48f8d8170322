import { usageError } from './command-line.ts'
import type { CommandInput } from './description.ts'

export default async function completion({ words, stdout }: CommandInput): Promise<undefined> {
  const shell = words.SHELL ?? ''
  const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined
  if (!script)
    throw usageError(`${JSON.stringify(shell)} does not fit; expected bash, zsh or fish.`, 'completion')
  stdout.write(await script())
}

const scripts: Readonly<Record<string, () => Promise<string>>> = {
  bash: async () => (await import('./completion/bash.ts')).bashCompletion(),
  zsh: async () => (await import('./completion/zsh.ts')).zshCompletion(),
  fish: async () => (await import('./completion/fish.ts')).fishCompletion(),
}
