import { chmodSync } from 'node:fs'
import t from 'tap'
import { nestedTcgObstacle } from '../../scenarios/pc/nested-tcg.ts'
import { ownWords } from '../../scenarios/pc/own-words.ts'
import { Tree } from '../fixtures/tree.ts'

const emulated = ['-accel', 'tcg,thread=single', '-cpu', 'EPYC,+svm,+npt']

t.test('the emulator of this QEMU is mended, be it a module or part of the program', async (t) => {
  t.equal(await nestedTcgObstacle(new Tree(t).at('cache'), emulated), null)
})

t.test('a QEMU that cannot be mended is found out before a PC is started', async (t) => {
  const tree = new Tree(t)
  const qemu = (script: string) => {
    const program = tree.write('qemu', `#!/bin/sh\n${script}\n`)
    chmodSync(program, 0o755)
    return program
  }
  const obstacle = (program: string) => nestedTcgObstacle(tree.at('cache'), emulated, program)
  t.match(await obstacle(qemu('read quit')), /functions .* are not found/)
  t.equal(
    await obstacle(qemu('echo "qemu: warning: old" >&2; echo "no such machine" >&2; exit 1')),
    'no such machine',
  )
  t.match(await obstacle(tree.at('no-such-program')), /ENOENT/)
})

t.test('warnings are not why QEMU ended', async (t) => {
  t.equal(
    ownWords("qemu: warning: TCG doesn't support it\ngtk initialization failed\n"),
    'gtk initialization failed',
  )
  t.equal(ownWords("qemu: warning: TCG doesn't support it\n"), '')
})
