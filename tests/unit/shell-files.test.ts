import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../orchestrator/commands/table.ts'
import { run } from '../../orchestrator/host/process.ts'
import { Tree } from './fixtures/tree.ts'

const repository = join(import.meta.dirname, '../..')

t.test('the image gets the manual page and completion, where man and shells look for them', async (t) => {
  const tree = new Tree(t)
  const [maker, program] = ['build/shell-files.mjs', 'orchestrator/main.ts'].map((path) =>
    join(repository, path),
  )
  const script = `const { makeShellFiles } = await import(${JSON.stringify(maker)})
    makeShellFiles([process.execPath, ${JSON.stringify(program)}], ${JSON.stringify(tree.root)})`
  t.match(await run(process.execPath, ['--input-type=module', '-e', script], { timeoutMs: 60_000 }), {
    status: 0,
  })
  const text = (path: string) => readFileSync(tree.at(path), 'utf8')
  t.match(text('man/man8/deskvisor.8'), /^\.TH DESKVISOR 8/)
  t.match(text('bash-completion/completions/deskvisor'), 'complete -F _deskvisor deskvisor')
  t.match(text('zsh/vendor-completions/_deskvisor'), /^#compdef deskvisor/)
  t.match(text('fish/vendor_completions.d/deskvisor.fish'), 'complete -c deskvisor')
  const { words: [{ completed = [] } = {}] = [] } = commands.completion as {
    words?: { completed?: unknown }[]
  }
  t.same(completed, ['bash', 'zsh', 'fish'], 'these are all shells that there is a script for')
  const image = readFileSync(join(repository, 'image/mkosi.conf'), 'utf8')
  t.match(image, '../dist/shell:/usr/share')
  t.notMatch(image, /^\s*\/usr\/share\/man$/m, 'and the page is not removed again')
})

t.test('a login shell of the image has completion, and sh does not stumble over it', async (t) => {
  const snippet = join(repository, 'image/mkosi.extra/etc/profile.d/deskvisor.sh')
  t.match(await run('sh', ['-uc', `. ${snippet}`]), { status: 0, stderr: '' })
})
