import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

// The sampler's own parser, with a clock that the test sets: each argument is MS:BYTES, and no bytes are silence.
const harnessSource = `
#include <stdio.h>
#include <stdlib.h>
#include "serial-keys.h"
int main(int argc, char **argv) {
  struct parser parser = {0};
  for (int i = 1; i < argc; i++) {
    char *bytes;
    long long now = strtoll(argv[i], &bytes, 10);
    for (bytes++; *bytes; bytes++) {
      enum key key = parse(&parser, *bytes, now);
      if (key != NO_KEY) printf("%d ", key);
    }
    enum key key = parseSilence(&parser, now);
    if (key != NO_KEY) printf("%d ", key);
  }
  return 0;
}`

/** As numbered in serial-keys.h. */
const [f8, esc] = [7, 12]

const built = t.testdir({ 'harness.c': harnessSource })
const harness = join(built, 'harness')
const initramfs = join(import.meta.dirname, '../../../initramfs')
const strict = ['-std=c11', '-Wall', '-Wextra', '-Werror']
execFileSync('cc', [...strict, '-I', initramfs, '-o', harness, join(built, 'harness.c')])

/** The keys in what a line brings at given snapshots, in milliseconds. */
const keysOf = (...events: [number, string][]) =>
  execFileSync(
    harness,
    events.map(([ms, bytes]) => `${ms}:${bytes}`),
    { encoding: 'utf8' },
  )
    .split(' ')
    .filter(Boolean)
    .map(Number)

const byteByByte = (pauseMs: number) =>
  [...'\x1b[19~'].map((byte, index): [number, string] => [index * pauseMs, byte])

t.test('a sequence that arrives byte by byte is one key', async (t) => {
  t.same(keysOf(...byteByByte(0)), [f8])
  t.same(keysOf(...byteByByte(9)), [f8], 'as on a line of 1,200 baud')
  t.same(keysOf(...byteByByte(99)), [f8])
})

t.test('ESC is the key when nothing follows for a tenth of a second', async (t) => {
  t.same(keysOf([0, '\x1b'], [99, '']), [])
  t.same(keysOf([0, '\x1b'], [99, ''], [100, '']), [esc])
  t.same(keysOf([0, '\x1b'], [100, ''], [200, '']), [esc], 'and that once')
  t.same(keysOf([0, '\x1bx'], [100, ''], [2000, '']), [], 'but not with something right after it')
  t.same(keysOf([0, '\x1b'], [100, ''], [101, '[19~']), [esc], 'and what follows later is no sequence')
})

t.test('however late its end is looked at, a sequence that is there counts', async (t) => {
  t.same(keysOf([0, '\x1b'], [30_000, '[19~']), [f8])
})

t.test('a sequence that stops in the middle is forgotten after a second', async (t) => {
  t.same(keysOf([0, '\x1b[1'], [999, ''], [1000, '9~']), [f8])
  t.same(keysOf([0, '\x1b[1'], [1000, ''], [1001, '9~']), [])
  t.same(keysOf([0, '\x1b[1'], [500, '\x1b[19~']), [f8], 'or when another one begins')
})
