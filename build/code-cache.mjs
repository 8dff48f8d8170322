// What V8 compiled of each script, kept beside it in the executable (https://nodejs.org/docs/latest-v24.x/api/vm.html, cachedData).
// Node's own option for this (useCodeCache) keeps no function that was not called, and that is nearly all of them.
import { scripts } from './bundle.mjs'
import { at, dist, filesBelow, pinnedNode, step, tool } from './tools.mjs'

export default async function codeCaches() {
  await step(
    'Code caches',
    {
      inputs: [
        pinnedNode,
        ...scripts.map(({ file }) => file),
        dist('native/deskvisor.node'),
        ...filesBelow('build/code-cache.mjs', 'build/record-cache.cjs', 'build/record-caches.ts'),
        ...filesBelow('tests/bench/machine-tree.ts', 'tests/unit/fixtures'),
      ],
      outputs: scripts.map(({ cache }) => cache),
      takes: '2 s',
    },
    // Only the Node that made a cache can use it.
    () => tool(pinnedNode, [at('build/record-caches.ts'), JSON.stringify(scripts)]),
  )
}
