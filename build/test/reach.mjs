// What a change can reach: floors by the rooms in which it lies, unit tests by what they import.

/** What no rule knows may reach everything. */
const everywhere = ['sweep', 'user', 'container', 'pc']
/** The first rule that fits a path says which floors it can reach; `story` is the scenario of that name. */
const rules = [
  { path: /^(docs\/(?!guest\/)|README|LICENSE|\.ci\/|\.gitignore)/, floors: [] },
  { path: /^tests\/(unit\/fixtures\/|bench\/machine-tree\.ts$)/, floors: ['user'] },
  { path: /^tests\/unit\//, floors: [] },
  { path: /^tests\/bench\//, floors: [] },
  { path: /^tests\/sweep\/write-log\.ts$/, floors: ['sweep', 'pc'] },
  { path: /^tests\/sweep\//, floors: ['sweep'] },
  { path: /^tests\/scenarios\/stories\/(?<story>[\w-]+)\.ts$/, floors: [] },
  { path: /^tests\/user\//, floors: ['user'] },
  { path: /^tests\/scenarios\/start(\.ts$|\/)/, floors: ['user'] },
  { path: /^tests\/scenarios\/pc\//, floors: ['user', 'container', 'pc'] },
  { path: /^tests\/scenarios\/(fair-time|expect)\.ts$/, floors: everywhere },
  { path: /^tests\/scenarios\//, floors: ['container', 'pc'] },
  { path: /^orchestrator\/cartridges\/store\//, floors: ['sweep', 'user', 'container'] },
  { path: /^orchestrator\/(snapshots|cartridges)\//, floors: ['sweep', 'container'] },
  { path: /^orchestrator\/(api|commands)\//, floors: ['container'] },
  { path: /^tui\//, floors: ['container'] },
  { path: /^docs\/guest\//, floors: ['container'] },
  { path: /^(systemd|image\/test-guest)\//, floors: ['user', 'container', 'pc'] },
  { path: /^(orchestrator|initramfs|image)\//, floors: ['sweep', 'container', 'pc'] },
]

/** `files`: paths that changed; `unitTests`: each unit test and the paths it depends on. */
export function reach(files, unitTests) {
  const floors = new Set()
  const stories = new Set()
  for (const file of files) {
    const rule = rules.find(({ path }) => path.test(file))
    for (const floor of rule?.floors ?? everywhere) floors.add(floor)
    const story = rule?.path.exec(file)?.groups?.story
    if (story) stories.add(story)
  }
  const changed = new Set(files)
  const unit = Object.entries(unitTests)
    .filter(([, paths]) => [...paths].some((path) => changed.has(path)))
    .map(([test]) => test)
  return { floors: [...floors], stories: [...stories], unit }
}
