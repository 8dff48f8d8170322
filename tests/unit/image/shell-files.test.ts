import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../../orchestrator/commands/table.ts'
import { run } from '../../../orchestrator/host/process.ts'
import { Tree } from '../fixtures/tree.ts'

const repository = join(import.meta.dirname, '../../..')
const snippet = join(repository, 'image/mkosi.extra/etc/profile.d/deskvisor.sh')

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

t.test('a shell on a serial line learns the size of the terminal at its end', async (t) => {
  t.match(await shellOnLine(t, '\x1b[43;132R'), /size=43 132/)
  t.match(await shellOnLine(t, '\x1b[$(reboot);-1R'), /size=0 0/, 'what makes no sense changes nothing')
  t.match(await shellOnLine(t, ''), /size=0 0/, 'nor does a terminal that does not answer')
})

t.test('a login shell of the image has completion, and sh does not stumble over it', async (t) => {
  t.match(await run('sh', ['-uc', `. ${snippet}`]), { status: 0, stderr: '' })
})

/** What an interactive shell shows on a line without a size, whose terminal answers so when it is asked where its cursor is. */
async function shellOnLine(t: { teardown(handler: () => void): unknown }, answer: string): Promise<string> {
  const command = `PS1=x TERM=vt220; . ${snippet} 2>/dev/null; echo size=$(stty size)`
  const child = spawn('script', ['-qfec', `bash -c '${command}'`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let shown = ''
  let asked = false
  for await (const data of child.stdout) {
    shown += data
    if (!asked && shown.includes('\x1b[6n')) child.stdin.write(answer)
    asked ||= shown.includes('\x1b[6n')
    if (shown.includes('size=')) child.stdin.end()
  }
  t.teardown(() => child.stdin.destroy())
  return shown
}
