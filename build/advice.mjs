// What to do when building failed, by what was said last.
const advice = [
  {
    when: /No space left on device|not enough free space|disk quota/i,
    what: 'The disk is full. Building needs about 6 GB in this folder and in the cache; make room, then run the same command again.',
  },
  {
    when: /Could not resolve|Temporary failure resolving|Connection (refused|timed out|reset)|Network is unreachable|Failed to fetch|Could not connect/i,
    what: "The Debian mirror did not answer. Look at the network (or the proxy in apt's settings), then run the same command again; what was fetched is kept.",
  },
  {
    when: /Hash Sum mismatch|File has unexpected size|Release file .* (not valid yet|expired)/i,
    what: "The Debian mirror is being updated, or this computer's clock is wrong. Look at the clock, wait some minutes, then run the same command again.",
  },
  {
    when: /Cannot allocate memory|Out of memory|Killed|ended with SIGKILL/i,
    what: 'There was not enough memory: building needs about 2 GB that are free. Close something, then run the same command again.',
  },
]

/** What to do when the virtual PC of npm start failed: never again the option that it failed with. */
export function adviceForStart({ boot, window, hasScreen }) {
  if (window) return 'Run npm start without --window: the PC is in this terminal then.'
  if (hasScreen && !boot)
    return "Run npm start again; npm start -- --boot --window shows the PC's own screen meanwhile."
  return 'Run the same command again; npm start -- --fresh forgets what was kept of earlier starts.'
}

/** Lines for somebody whose terminal has less room than the menu is made for. */
export function smallTerminal({ isTTY, columns, rows }) {
  if (!isTTY || (columns >= 80 && rows >= 24)) return []
  return [
    `This terminal has ${columns}×${rows} characters. The menu shows all it has from 80×24 on;`,
    'make the window larger at any time, and it is drawn anew.',
  ]
}

/** One sentence for people; never empty. */
export function adviceFor(words) {
  const known = advice.find(({ when }) => when.test(words))
  return known?.what ?? 'Run the same command again; if it ends like this once more, these words tell why.'
}
