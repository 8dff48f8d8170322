// Runs mkosi on a folder with a definition, and says what it does meanwhile.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { at, dist } from './tools.mjs'
import { cacheFolder, inToolsTree, mirror, unfinishedInCache } from './tools-tree.mjs'

/** Runs mkosi on a folder and returns the one that holds what it made. Its own words go to dist/NAME.log. */
export async function mkosi(folder, name, extra, progress) {
  // All of one name: what has the same mount is moved into place, and what a kill leaves is swept with it.
  const work = join(unfinishedInCache(), name)
  const [output, workspace] = ['output', 'workspace'].map((part) => join(work, part))
  // One for each image: two apt that fetch into one folder at the same time trip over each other's files.
  const packageCache = join(cacheFolder, 'packages', name)
  for (const path of [output, workspace, packageCache, dist()]) mkdirSync(path, { recursive: true })
  const log = createWriteStream(dist(`${name}.log`))
  try {
    await inToolsTree(
      [
        ...['mkosi', '--directory', at(folder), '--force', '--mirror', mirror()],
        ...['--output-directory', output, '--workspace-directory', workspace],
        ...['--sandbox-tree', packageSources(work), '--package-cache-dir', packageCache],
        ...[...extra, 'build'],
      ],
      {
        onLine: (line) => {
          log.write(`${line}\n`)
          // mkosi's own headings; what the programs say that it calls is for the log.
          const heading = /^‣ +(\p{Lu}\p{L}+ing [^…]*)/u.exec(line)
          if (heading) progress?.now(heading[1].replace(/\/\S*\//g, ''))
        },
      },
    )
  } catch (error) {
    throw new Error(`${error.message}\nAll that was said: dist/${name}.log`)
  } finally {
    await new Promise((resolve) => log.end(resolve))
  }
  return output
}

/** mkosi would add an archive of debug symbols that not every mirror has: this replaces its list of sources. */
function packageSources(folder) {
  const tree = join(folder, 'sandbox')
  const sources = join(tree, 'etc/apt/sources.list.d')
  mkdirSync(sources, { recursive: true })
  const lines = [
    'Types: deb',
    `URIs: ${mirror()}`,
    'Suites: trixie trixie-updates',
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
  ]
  writeFileSync(join(sources, 'mkosi.sources'), `${lines.join('\n')}\n`)
  return tree
}
