// The manual page and what shells complete with, as the program prints them, in the places where shells and man(1) look for them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { dist, tool } from './tools.mjs'

/** Below /usr/share. */
const places = [
  { path: 'man/man8/deskvisor.8', words: ['man'] },
  { path: 'bash-completion/completions/deskvisor', words: ['completion', 'bash'] },
  { path: 'zsh/vendor-completions/_deskvisor', words: ['completion', 'zsh'] },
  { path: 'fish/vendor_completions.d/deskvisor.fish', words: ['completion', 'fish'] },
]

export const shellFiles = places.map(({ path, words }) => ({ file: dist('shell', path), words }))

/** `program` and what stands before its words; the built one unless given. `folder` stands for /usr/share. */
export function makeShellFiles(program = [dist('deskvisor')], folder = dist('shell')) {
  const [command, ...first] = program
  for (const { path, words } of places) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, tool(command, [...first, ...words]))
  }
}
