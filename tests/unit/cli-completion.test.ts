import { existsSync, readdirSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { run } from '../../orchestrator/host/process.ts'
import { Tree } from './fixtures/tree.ts'

const program = fileURLToPath(new URL('../../orchestrator/main.ts', import.meta.url))
const deskvisor = (...args: string[]) => run(process.execPath, [program, ...args], { timeoutMs: 30_000 })
const noBash = (await run('bash', ['--version'])).status !== 0 && 'no bash here'

/**
 * A machine with two operating systems and a moment, and a bash that completes for it. The first word is a program of
 * that name which calls this one, as the script looks names up by it.
 */
async function makeBash(t: Test) {
  const tree = new Tree(t).withCartridge('rohan')
  rmSync(tree.data('console'), { recursive: true })
  tree.withCartridge('gondor')
  await deskvisor('snapshot', 'take', 'gondor', '--root', tree.root)
  const [moment = ''] = readdirSync(tree.data('cartridges/gondor/snapshots'))
  const script = tree.write('completion.bash', (await deskvisor('completion', 'bash')).stdout)
  const called = tree.write('deskvisor', `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`)
  await run('chmod', ['755', called])
  /** What bash offers at the end of this line; bash splits it at blanks and colons, as the shell of a person does. */
  const complete = async (line: string): Promise<string[]> => {
    const full = `${called} ${line}`
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: this is bash
    const ask = [
      `source ${script}`,
      "COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$' \\t\\n\"\\'><=;|&(:'",
      '_deskvisor',
      'printf "%s\\n" "${COMPREPLY[@]}"',
    ]
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: this is bash
    const { stdout, stderr } = await run('bash', ['--norc', '-uc', ask.join('\n'), 'bash', full])
    if (stderr) throw new Error(stderr)
    return stdout.split('\n').filter(Boolean)
  }
  return { tree, moment, complete, root: `--root ${tree.root}` }
}

t.test('bash completes commands, options, and the names that there are', { skip: noBash }, async (t) => {
  const { tree, moment, complete, root } = await makeBash(t)
  t.same(await complete('ro'), ['rollback'])
  t.ok((await complete('')).includes('cartridge'))
  t.notOk((await complete('')).includes('complete'))
  t.same(await complete('cartridge in'), ['insert'])
  t.same(await complete('rollback --fo'), ['--force'])
  t.same(await complete('cartridge import x --'), ['--name', '--title', '--json', '--root', '--help'])
  t.same(await complete(`cartridge insert ${root} `), ['gondor', 'rohan'])
  t.same(await complete(`${root} cartridge insert r`), ['rohan'])
  t.same(await complete(`rollback ${root} `), ['gondor', 'rohan', 'latest', moment])
  t.same(await complete(`rollback ${root} gondor `), ['latest', moment])
  t.same(await complete(`rollback ${root} rohan `), [])
  const [date = '', ...rest] = moment.split(':')
  t.same(await complete(`rollback ${root} gondor ${date}:`), [rest.join(':')], 'what is after the colon')
  t.same(await complete(`cartridge export ${root} gondor x --moment l`), ['latest'])
  t.same(await complete('snapshot take --kind before-r'), ['before-rollback'])
  t.same(await complete('cartridge reset gondor o'), ['on', 'off'])
  t.same(await complete('completion z'), ['zsh'])
  t.same(await complete(`cartridge import ${tree.root}/compl`), [`${tree.root}/completion.bash`])
  t.same(await complete('nonsense '), [])
})

t.test('names that look like commands are only names', { skip: noBash }, async (t) => {
  const { tree, complete, root } = await makeBash(t)
  tree.writeData('cartridges/gondor/snapshots/$(touch hacked) `touch hacked`/state.json', '{}')
  await complete(`rollback ${root} gondor `)
  t.notOk(existsSync('hacked'))
})

t.test('looking names up never complains: a shell asks while somebody types', async (t) => {
  t.match(await deskvisor('complete', 'moments', 'nowhere', '--root', new Tree(t).root), {
    status: 0,
    stdout: '',
    stderr: '',
  })
  t.match(await deskvisor('complete', 'nonsense'), { status: 2 })
})

for (const [shell, check] of [
  ['bash', ['-n']],
  ['zsh', ['-n']],
  ['fish', ['--no-execute']],
] as const) {
  t.test(`the script for ${shell} is one`, async (t) => {
    const file = new Tree(t).write(`completion.${shell}`, (await deskvisor('completion', shell)).stdout)
    const { status, stderr } = await run(shell, [...check, file])
    if (status === 127) t.comment(`skipped: no ${shell} here`)
    else t.match({ status, stderr }, { status: 0, stderr: '' })
  })
}
