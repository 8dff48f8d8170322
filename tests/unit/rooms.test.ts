import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'

const repository = join(import.meta.dirname, '../..')

/** Which rooms each room may use. */
const uses: Record<string, string[]> = {
  host: [],
  config: ['host'],
  space: ['host', 'config'],
  cartridges: ['host', 'config', 'space'],
  snapshots: ['host', 'config', 'space', 'cartridges'],
  devices: ['host', 'config'],
  console: ['host', 'config', 'space', 'cartridges', 'devices'],
  boot: ['host', 'config', 'cartridges', 'devices', 'console', 'snapshots'],
  api: ['host', 'config', 'space', 'cartridges', 'devices', 'console', 'boot', 'snapshots'],
  commands: ['host', 'config', 'cartridges', 'devices', 'console', 'boot', 'api', 'tui'],
  tui: ['api'],
  main: ['commands', 'host'],
  start: ['desktop-call'],
  desktop: ['boot', 'commands', 'host', 'desktop-call'],
  'desktop-call': [],
}

/** The files through which a room is entered; of host every file is one edge that anybody may use. */
const doors: Record<string, RegExp> = {
  host: /^[\w-]+\.ts$/,
  api: /^(index|contract)\.ts$/,
  commands: /^[\w-]+\.ts$/,
  tui: /^main\.ts$/,
  'desktop-call': /^$/,
}

/** The ioctls of the terminal are an edge of the host, and nothing that the contract could carry. */
const exceptions = ['tui/terminal/native.ts → orchestrator/host/native.ts']

function roomOf(file: string): string {
  const [top = '', room = ''] = file.split('/')
  if (top === 'tui') return 'tui'
  return room.replace(/\.ts$/, '')
}

function imports(): { from: string; to: string }[] {
  const files = ['orchestrator', 'tui'].flatMap((top) =>
    readdirSync(join(repository, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(top, file)),
  )
  return files.flatMap((from) => {
    const text = readFileSync(join(repository, from), 'utf8')
    const named = [...text.matchAll(/\b(?:from|import\() ?'(\.[^']+\.ts)'/g)]
    return named.map(([, target = '']) => ({
      from,
      to: relative(repository, join(repository, from, '..', target)),
    }))
  })
}

t.test('nobody reaches into another room, and dependencies point one way', async (t) => {
  const all = imports()
  t.ok(all.length > 150, 'the imports were found')
  const wrong = all.flatMap(({ from, to }) => {
    const [user, used] = [roomOf(from), roomOf(to)]
    if (user === used || exceptions.includes(`${from} → ${to}`)) return []
    if (!uses[user]?.includes(used)) return [`${from} → ${to}: ${user} may not use ${used}`]
    const file = to.split('/').slice(used === 'tui' ? 1 : 2)
    const door = doors[used] ?? /^index\.ts$/
    return door.test(file.join('/')) ? [] : [`${from} → ${to}: that is inside of ${used}`]
  })
  t.same(wrong, [])
})

t.test('only the machine itself knows whether it is a folder, and what time it is', async (t) => {
  const knows = /host\/(?:machine|clock)\.ts$/
  const own = /[=!]== '\/'|\bhrtime\b/
  const files = readdirSync(join(repository, 'orchestrator'), { recursive: true, encoding: 'utf8' })
  const asking = files
    .filter((file) => file.endsWith('.ts') && !knows.test(file))
    .filter((file) => own.test(readFileSync(join(repository, 'orchestrator', file), 'utf8')))
  t.same(asking, [])
})

/** What the folders of the menu may not use of each other: stories know no terminal, and what draws knows no story. */
const apart: Record<string, string[]> = {
  terminal: ['widgets', 'views', 'screens', 'full', 'plain'],
  widgets: ['views', 'screens', 'full', 'plain'],
  views: ['screens', 'full', 'plain'],
  screens: ['full', 'plain'],
  full: ['plain'],
  plain: ['full'],
}

t.test('the menu: a story is told once, and knows nothing of the terminal that tells it', async (t) => {
  const wrong = imports().filter(({ from, to }) => {
    const [user = '', used = ''] = [from, to].map((file) => file.split('/')[1])
    return from.startsWith('tui/') && to.startsWith('tui/') && apart[user]?.includes(used)
  })
  t.same(wrong, [])
})
