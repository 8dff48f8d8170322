import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { drawHome } from '../../../tui/screens/home/page.ts'
import { type Key, KeyDecoder } from '../../../tui/terminal/keys.ts'
import { terminalKind } from '../../../tui/terminal/kind.ts'
import { sanitize, toAscii } from '../../../tui/terminal/sanitize.ts'
import { shellCandidates } from '../../../tui/terminal/shell.ts'
import { parseCursorReport } from '../../../tui/terminal/size.ts'
import { widthOf, wrap } from '../../../tui/terminal/text.ts'
import { lastTop, motionOf, moved } from '../../../tui/widgets/scrolled.ts'
import { gigabytes } from '../../../tui/words.ts'
import { until } from '../../scenarios/fair-time.ts'

t.test('text from the machine becomes one harmless line', async (test) => {
  const cases: [string, string][] = [
    ['a\x1b[31mred\x1b[0m', 'ared'],
    ['\x1b]0;title\x07x\x1b]8;;http://e\x1b\\link', 'xlink'],
    ['\x1bPq#0;2\x1b\\y', 'y'],
    ['one\ntwo\tthree\r', 'one two three '],
    ['\x9b2Jz\x90dcs\x9cz', 'zz'],
    ['M\u00fcller \u2014 \u201cok\u201d\u2026', 'M\u00fcller - "ok"...'],
    ['u\u0308ber', '\u00fcber'],
    ['\u0159\u017e', 'rz'],
    ['\u65e5\u{1f600}', '??'],
    ['\u202eabc\u200b\u00ad\ud800', 'abc'],
    ['\x1b', ''],
    ['\x1b\x1b[', ''],
  ]
  for (const [raw, clean] of cases) test.equal(sanitize(raw), clean, JSON.stringify(raw))
  test.equal(sanitize(undefined), '')
  test.ok(sanitize('\x1b]'.repeat(100_000)).length <= 4096)
  test.equal(toAscii('M\u00fcller Stra\u00dfe \u00a9'), 'Muller Strasse ?')
})

t.test('no byte at all gets through as a control character', async (test) => {
  for (let code = 0; code < 0x3000; code++) {
    const shown = sanitize(`${String.fromCharCode(code)}[2Jx`)
    test.match(shown, /^[ -~\u00a1-\u00ac\u00ae-\u00ff]*$/) || test.comment(code.toString(16))
  }
})

t.test('keys', async (test) => {
  const cases: [string[], string[]][] = [
    [['\x1b[A\x1bOB\x1b[5~'], ['up', 'down', 'pageup']],
    [
      ['\x1b[1;5A', '\x1b[3;2~'],
      ['up', 'delete'],
    ],
    [['\x1b[19~', '\x1b', '[1', '9', '~'], []],
    [
      ['\x1b[[A', '\x1bOP', '\x1b[11~'],
      ['f1', 'f1', 'f1'],
    ],
    [['\x1b\x1b'], ['escape', 'escape']],
    [['\x1b'], ['escape']],
    [['\x1bx', 'y'], ['y']],
    [
      ['\r', '\t', '\x7f', '\x0c', '?'],
      ['enter', 'tab', 'backspace', 'ctrl-l', '?'],
    ],
    [['\xc3'], []],
    [['\x1b[12;40R'], []],
  ]
  for (const [chunks, expected] of cases) {
    const keys: string[] = []
    const decoder = new KeyDecoder((key: Key) => keys.push(key.name === 'char' ? key.char : key.name))
    for (const chunk of chunks) decoder.feed(Buffer.from(chunk, 'latin1'))
    // Long enough for an ESC to be taken for the key, also where timers are late.
    await new Promise((resolve) => setTimeout(resolve, 120))
    await until('the keys', () => keys.length >= expected.length, { limitS: 30, everyMs: 20 })
    decoder.close()
    test.same(keys, expected, JSON.stringify(chunks))
  }
})

t.test('terminal kinds', async (test) => {
  const kind = (TERM: string | undefined, env = {}) => terminalKind({ TERM, ...env }, true)
  test.same(terminalKind({ TERM: 'linux' }, false), { kind: 'plain' })
  for (const term of [undefined, '', 'dumb', 'unknown']) test.same(kind(term), { kind: 'plain' })
  test.match(kind('linux'), { terminfo: 'linux', unicode: true, colour: true })
  test.match(kind('vt220'), { terminfo: 'vt220', unicode: false, colour: false })
  test.match(kind('vt102'), { terminfo: 'vt100' })
  test.match(kind('tmux-256color'), { terminfo: 'screen' })
  test.match(kind('alacritty', { LANG: 'de_DE.ISO-8859-1' }), { terminfo: 'xterm', unicode: false })
})

t.test('shipped terminfo entries are in the format neo-blessed reads', async (test) => {
  for (const name of ['linux', 'vt220', 'vt100', 'screen', 'xterm']) {
    const entry = readFileSync(join(import.meta.dirname, '../../../tui/terminfo', name))
    test.equal(entry.readUInt16LE(0), 0o432, `${name} has 16-bit numbers (term(5))`)
  }
})

t.test('small things', async (test) => {
  test.same(parseCursorReport('junk\x1b[30;100Rmore'), { rows: 30, columns: 100 })
  test.equal(parseCursorReport('\x1b[0;0R'), null)
  test.same(wrap('one two three', 7), ['one two', 'three'])
  test.same(wrap('abcdefghij', 4), ['abcd', 'efgh', 'ij'])
  test.same(wrap('one two three four', 7, 2), ['one two', 'three..'])
  test.equal(gigabytes(16 * 2 ** 30), '16 GB')
  test.equal(gigabytes(7.5 * 2 ** 30), '7.5 GB')
  test.equal(gigabytes(512 * 2 ** 20), '512 MB')
  test.equal(gigabytes(Number.NaN), 'unknown')
  test.equal(moved('end', 0, lastTop(100, 10), 10), 90)
  test.equal(moved('up', 0, lastTop(100, 10), 10), 0)
  test.equal(moved('pagedown', 0, lastTop(100, 10), 10), 9)
  test.equal(moved('tab', 3, 3, 10), 0, 'Tab goes around')
  test.equal(moved('end', 0, -1, 10), 0, 'in an empty list')
  test.equal(motionOf({ name: 'escape' }), null)
  test.same(shellCandidates({ SHELL: '/usr/bin/deskvisor' }), ['/bin/bash', '/bin/sh'])
  test.same(shellCandidates({ SHELL: '/bin/zsh' }), ['/bin/bash', '/bin/zsh', '/bin/sh'])
})

t.test('the first screen fits every size', async (test) => {
  for (let rows = 1; rows < 40; rows++) {
    for (const columns of [1, 5, 20, 40, 80, 200]) {
      const lines = drawHome({ status: null, problem: 'x'.repeat(500), jobs: [] }, 7, { rows, columns })
      test.ok(lines.length <= rows)
      if (columns >= 20) test.ok(lines.every((spans) => widthOf(spans) <= columns))
      if (rows >= 3 && columns >= 20) test.match(JSON.stringify(lines), 'Switch off')
    }
  }
})
