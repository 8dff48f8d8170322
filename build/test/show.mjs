// Runs a program, and shows what it says while it says it.
import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import process from 'node:process'
import { pinnedNode, repository } from '../tools.mjs'

/** With the pinned Node first in PATH; prints the lines that `wanted` lets through, and resolves to all of them. */
export function show(file, args, wanted = () => true) {
  const env = { ...process.env, PATH: `${dirname(pinnedNode)}${delimiter}${process.env.PATH}` }
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] })
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
      if (pending && wanted(pending)) console.log(pending)
      resolve({ status, output })
    })
  })
}
