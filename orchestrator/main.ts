import { runCommandLine } from './commands/run.ts'
import { standardError, standardOutput } from './host/output.ts'

// What is kept in the store is opened by QEMU's user; who starts this program must not change who may.
process.umask(0o022)

const surroundings = { env: process.env, stdout: standardOutput(), stderr: standardError() }

runCommandLine(process.argv.slice(2), surroundings).then((status) => {
  process.exitCode = status
})
