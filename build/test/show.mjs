// Runs a program, and shows what it says while it says it.
import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import process from 'node:process'
import { pinnedNode, repository } from '../tools.mjs'

const running = new Set()
let ended = false

/** Ends all that runs, and lets nothing more begin: what was begun resolves with what it said so far. */
export function endAll() {
  ended = true
  for (const child of running) child.kill('SIGTERM')
}

export function isEnded() {
  return ended
}

/** With the pinned Node first in PATH; prints the lines that `wanted` lets through, and resolves to all of them. */
export function show(file, args, { wanted = () => true, env: more = {} } = {}) {
  if (ended) return Promise.resolve({ status: 130, output: '' })
  const env = { ...process.env, ...more, PATH: `${dirname(pinnedNode)}${delimiter}${process.env.PATH}` }
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    let output = ''
    let pending = ''
    const take = (chunk) => {
      output += chunk
      const lines = (pending + chunk).split('\n')
      pending = lines.pop() ?? ''
      for (const line of lines) if (wanted(line)) console.log(line)
    }
    child.stdout.setEncoding('utf8').on('data', take)
    child.stderr.setEncoding('utf8').on('data', take)
    child.on('error', reject)
    child.on('close', (status) => {
      running.delete(child)
      if (pending && wanted(pending)) console.log(pending)
      resolve({ status, output })
    })
  })
}
