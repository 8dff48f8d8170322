import { existsSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { run } from '../../../orchestrator/host/process.ts'
import { askingProgram } from '../fixtures/asking-program.ts'
import { deskvisor } from '../fixtures/command-line.ts'
import { Tree } from '../fixtures/tree.ts'

const zshAsker = join(import.meta.dirname, '../fixtures/zsh/ask.zsh')
const noBash = (await run('bash', ['--version'])).status !== 0 && 'no bash here'

/**
 * A machine with two operating systems and a snapshot, a program `deskvisor` that asks this process (the scripts look names
 * up by what was typed), and the script for a shell in a file of that name.
 */
async function machineFor(t: Test, shell: string, file: string) {
  const tree = new Tree(t).withCartridge('rohan')
  rmSync(tree.data('console'), { recursive: true })
  tree.withCartridge('gondor')
  await deskvisor('snapshot', 'take', 'gondor', '--root', tree.root)
  const [snapshot = ''] = readdirSync(tree.data('cartridges/gondor/snapshots'))
  const script = tree.write(file, (await deskvisor('completion', shell)).stdout)
  const called = await askingProgram(t, tree)
  return { tree, snapshot, script, called, root: `--root ${tree.root}` }
}

/** What bash offers at the end of a line; bash splits it at blanks and colons, as the shell of a person does. */
async function makeBash(t: Test) {
  const machine = await machineFor(t, 'bash', 'completion.bash')
  const { called, script } = machine
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
  return { ...machine, complete }
}

t.test('bash completes commands, options, and the names that there are', { skip: noBash }, async (t) => {
  const { tree, snapshot, complete, root } = await makeBash(t)
  t.same(await complete('ro'), ['rollback'])
  t.ok((await complete('')).includes('cartridge'))
  t.notOk((await complete('')).includes('complete'))
  t.same(await complete('cartridge in'), ['insert'])
  t.same(await complete('rollback --fo'), ['--force'])
  t.same(await complete('cartridge import x --'), ['--name', '--title', '--json', '--root', '--help'])
  t.same(await complete(`cartridge insert ${root} `), ['gondor', 'rohan'])
  t.same(await complete(`${root} cartridge insert r`), ['rohan'])
  t.same(await complete(`--root=${tree.root} cartridge insert r`), ['rohan'])
  t.same(await complete(`rollback ${root} `), ['gondor', 'rohan', 'latest', snapshot])
  t.same(await complete(`rollback ${root} gondor `), ['latest', snapshot])
  t.same(await complete(`rollback ${root} rohan `), [])
  const [date = '', ...rest] = snapshot.split(':')
  t.same(await complete(`rollback ${root} gondor ${date}:`), [rest.join(':')], 'what is after the colon')
  t.same(await complete(`cartridge export ${root} gondor x --snapshot l`), ['latest'])
  t.same(await complete('snapshot take --kind before-r'), ['before-rollback'])
  t.same(await complete('cartridge reset gondor o'), ['on', 'off'])
  t.same(await complete(`cartridge golden ${root} gondor n`), ['none'])
  t.same(await complete('completion z'), ['zsh'])
  t.same(await complete(`cartridge import ${tree.root}/compl`), [`${tree.root}/completion.bash`])
  t.same(await complete('nonsense '), [])
})

/** Lines that somebody types, and what is offered at their end, in any shell that shows whole words. */
function typed(root: string, snapshot: string): [line: string, offered: string[]][] {
  return [
    ['ro', ['rollback']],
    ['cartridge in', ['insert']],
    ['rollback --fo', ['--force']],
    ['cartridge import x --', ['--help', '--json', '--name', '--root', '--title']],
    ['-', ['--help', '--root', '--version']],
    [`cartridge insert --root ${root} `, ['gondor', 'rohan']],
    [`--root ${root} cartridge insert r`, ['rohan']],
    [`--root=${root} cartridge insert r`, ['rohan']],
    [`rollback --root ${root} `, [snapshot, 'gondor', 'latest', 'rohan']],
    [`rollback --root ${root} gondor `, [snapshot, 'latest']],
    [`rollback --root ${root} gondor ${snapshot.slice(0, 15)}`, [snapshot]],
    [`rollback --root ${root} rohan `, []],
    [`cartridge export --root ${root} gondor x --snapshot l`, ['latest']],
    ['snapshot take --kind before-r', ['before-rollback']],
    ['cartridge reset gondor o', ['off', 'on']],
    [`cartridge golden --root ${root} gondor `, [snapshot, 'latest', 'none']],
    ['completion z', ['zsh']],
    ['nonsense ', []],
  ]
}

const noZsh = (await run('zsh', ['-fc', 'zmodload zsh/zpty'])).status !== 0 && 'no zsh here'
t.test('an interactive zsh completes the same', { skip: noZsh }, async (t) => {
  const { tree, snapshot, script } = await machineFor(t, 'zsh', 'completion/_deskvisor')
  const lines = [
    ...typed(tree.root, snapshot),
    [`cartridge import ${tree.root}/compl`, ['completion']] as const,
  ]
  const asked = lines.map(([line]) => `deskvisor ${line}`)
  const { stdout, stderr } = await run('zsh', ['-f', zshAsker, dirname(script), tree.root, ...asked], {
    timeoutMs: 240_000,
  })
  t.equal(stderr, '')
  const answers = stdout.split(/^\.\n/m)
  for (const [index, [line, offered]] of lines.entries())
    t.same(answers[index]?.split('\n').filter(Boolean).sort(), offered, line)
})

t.test('a zsh that reads the script itself completes as well', { skip: noZsh }, async (t) => {
  const { script } = await machineFor(t, 'zsh', 'completion.zsh')
  const { stdout } = await run('zsh', [
    '-fc',
    'autoload -Uz compinit; compinit -u -D; source $1; print $_comps[deskvisor]',
    'zsh',
    script,
  ])
  t.equal(stdout, '_deskvisor\n')
})

const noFish = (await run('fish', ['--version'])).status !== 0 && 'no fish here'
t.test('fish completes the same', { skip: noFish }, async (t) => {
  const { tree, snapshot, script } = await machineFor(t, 'fish', 'completion.fish')
  const ask = 'set -p PATH $argv[1]; source $argv[2]; complete -C "deskvisor $argv[3]"'
  for (const [line, offered] of typed(tree.root, snapshot)) {
    // Options are offered by fish only when a dash was typed; a lone one stands for short ones too.
    const { stdout, stderr } = await run('fish', [
      '--no-config',
      '-c',
      ask,
      tree.root,
      script,
      line === '-' ? '--' : line,
    ])
    t.equal(stderr, '')
    const words = stdout.split('\n').map((row) => row.split('\t')[0] ?? '')
    t.same(words.filter(Boolean).sort(), offered, line)
  }
})

/** A machine whose second cartridge has a name as people write them, with a snapshot. */
async function withGrandma(tree: Tree): Promise<string> {
  const name = "Grandma's PC"
  await deskvisor('cartridge', 'clone', 'gondor', name, '--root', tree.root)
  await deskvisor('snapshot', 'take', "grandma's pc", '--root', tree.root)
  const [snapshot = ''] = readdirSync(tree.data(`cartridges/${name}/snapshots`))
  return snapshot
}

t.test('bash quotes names with blanks and understands them quoted', { skip: noBash }, async (t) => {
  const { tree, complete, root } = await makeBash(t)
  const snapshot = await withGrandma(tree)
  t.same(await complete(`cartridge insert ${root} Gr`), ["Grandma\\'s\\ PC"])
  t.same(await complete(`cartridge insert ${root} Grandma\\'s\\ P`), ["Grandma\\'s\\ PC"])
  t.same(await complete(`cartridge insert ${root} "Grandma's `), ["Grandma's PC"])
  t.same(await complete(`cartridge insert ${root} 'Gr`), ["Grandma'\\''s PC"])
  t.same(await complete(`rollback ${root} Grandma\\'s\\ PC `), ['latest', snapshot])
  t.same(await complete(`rollback ${root} "Grandma's PC" l`), ['latest'])
})

t.test('zsh and fish do, too', { skip: noZsh || noFish }, async (t) => {
  const { tree, script } = await machineFor(t, 'zsh', 'completion/_deskvisor')
  const snapshot = await withGrandma(tree)
  const line = `rollback --root ${tree.root} Grandma\\'s\\ PC `
  const zsh = await run('zsh', ['-f', zshAsker, dirname(script), tree.root, `deskvisor ${line}`], {
    timeoutMs: 60_000,
  })
  t.same(zsh.stdout.split(/^\.\n/m)[0]?.split('\n').filter(Boolean).sort(), [snapshot, 'latest'])
  const fishScript = tree.write('completion.fish', (await deskvisor('completion', 'fish')).stdout)
  const ask = 'set -p PATH $argv[1]; source $argv[2]; complete -C "deskvisor $argv[3]"'
  const fish = await run('fish', ['--no-config', '-c', ask, tree.root, fishScript, line])
  const words = fish.stdout.split('\n').map((row) => row.split('\t')[0] ?? '')
  t.same(words.filter(Boolean).sort(), [snapshot, 'latest'])
})

t.test('names that look like commands are only names', { skip: noBash }, async (t) => {
  const { tree, complete, root } = await makeBash(t)
  tree.writeData('cartridges/gondor/snapshots/$(touch hacked) `touch hacked`/state.json', '{}')
  await complete(`rollback ${root} gondor `)
  t.notOk(existsSync('hacked'))
})

t.test('looking names up never complains: a shell asks while somebody types', async (t) => {
  t.match(await deskvisor('complete', 'snapshots', 'nowhere', '--root', new Tree(t).root), {
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

t.test('each script asks for the names that there are to ask for', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await deskvisor('completion', shell)
    const asked = new Set(
      [...stdout.matchAll(/_names (\w+)|"\$argv\[1\]" = (\w+)/g)].map(([, a, b]) => a ?? b),
    )
    t.same([...asked].sort(), ['cartridges', 'snapshots', 'trash'], shell)
  }
})
