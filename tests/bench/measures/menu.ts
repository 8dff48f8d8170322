import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MachineTree } from '../machine-tree.ts'
import { benchPlaces } from '../places.ts'
import { list, type Measure, median, type Row } from '../row.ts'
import { BenchTerminal } from '../terminal.ts'

/** The last word of the first screen, at the end of the bar of keys: when it stands there, all above it does. */
const painted = 'redraw'
const [up, down] = ['\x1b[A', '\x1b[B']
/** Through the whole list, over its end, and back. */
const choosing = [down, down, down, down, up, up, down, up, up, up]
/** From the newest line up the log and down again. */
const scrolling = [up, up, up, up, down, down, up]
/** Stands in for journalctl: lines as long as the kernel's often are. */
const journal = `#!/bin/bash
for ((i = 1; i <= 200; i++)); do
  printf 'Nov 21 08:%02d:%02d deskvisor kernel: pci 0000:%02x:00.0: BAR %d [mem 0xfd%03x000-0xfd%03xfff]\\n' $((i / 60)) $((i % 60)) $i $((i % 6)) $i $i
done
`
/** The menu drops what is typed in its first moment. */
const settleMs = 1500

const menu: Measure = {
  name: 'menu',
  sentence: 'first paint of the menu, and bytes for a key',
  async take(rounds) {
    using tree = new MachineTree()
    writeFileSync(join(tree.aside, 'journalctl'), journal, { mode: 0o755 })
    const env = {
      NODE: benchPlaces.node,
      DESKVISOR: benchPlaces.deskvisor,
      TREE: tree.root,
      PATH: `${tree.aside}:/usr/sbin:/usr/bin:/sbin:/bin`,
    }
    const figures: number[] = []
    const baselines: number[] = []
    const first: number[] = []
    // The first round warms the page cache and is not counted.
    for (let round = 0; round <= rounds; round++) {
      const ours = await milliseconds('exec "$DESKVISOR" tui --root "$TREE"', painted, env)
      const bare = await milliseconds('"$NODE" -e 0; echo BENCH-ENDED', 'BENCH-ENDED', env)
      if (round === 0) continue
      figures.push(ours.passed)
      first.push(ours.bytes)
      baselines.push(bare.passed)
    }
    const note = `dist/deskvisor tui in a pseudo-terminal of 80×24, TERM=linux, from exec to "${painted}" on the screen, against`
    const paint: Row = {
      name: 'first paint of the menu',
      unit: 'ms',
      figure: median(figures),
      baseline: median(baselines),
      target: { of: 'ratio', atMost: 3 },
      note: `${note} all of node -e 0 in such a terminal; ${median(first)} bytes; ms: ${list(figures)} against ${list(baselines)}`,
    }
    return [paint, await bytesForKey(env)]
  },
}

export default menu

/** From the moment before a program starts in a terminal to a text on the screen, and the bytes until then. */
async function milliseconds(command: string, text: string, env: Record<string, string>) {
  await using terminal = new BenchTerminal(`printf BENCH-STARTED; ${command}`, env)
  const started = await terminal.shows('BENCH-STARTED')
  const passed = (await terminal.shows(text)) - started
  return { passed, bytes: terminal.received }
}

/** The most that one arrow key costs, on the first screen and in the log. */
async function bytesForKey(env: Record<string, string>): Promise<Row> {
  const inList = await costs('exec "$DESKVISOR" tui --root "$TREE"', env, choosing)
  // A tree has no journal, so this is the menu of the building machine; the log is made up, and only arrows follow.
  const inLog = await costs('exec "$DESKVISOR" tui', env, scrolling, { open: '4', shows: 'up to number' })
  return {
    name: 'bytes for a key',
    unit: 'bytes',
    figure: Math.max(...inList, ...inLog),
    baseline: null,
    target: { of: 'figure', atMost: 300 },
    note: `the most that one arrow key costs; choosing: ${inList.join(' ')}; scrolling the log: ${inLog.join(' ')}`,
  }
}

/** Bytes that the terminal is sent for each of the keys, on the first screen or one that a key opens. */
async function costs(
  command: string,
  env: Record<string, string>,
  keys: readonly string[],
  screen?: { open: string; shows: string },
): Promise<number[]> {
  await using terminal = new BenchTerminal(command, env)
  await terminal.shows(painted)
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  if (screen) {
    terminal.type(screen.open)
    await terminal.shows(screen.shows)
  }
  const bytes: number[] = []
  for (const key of keys) {
    await terminal.quiet()
    const before = terminal.received
    terminal.type(key)
    await terminal.quiet()
    bytes.push(terminal.received - before)
  }
  if (Math.min(...bytes) === 0) throw new Error(`The menu did not answer to every key: ${bytes.join(' ')}`)
  return bytes
}
