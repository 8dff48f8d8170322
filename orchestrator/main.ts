import { runCommandLine } from './commands/run.ts'

// What is kept in the store is opened by QEMU's user; who starts this program must not change who may.
process.umask(0o022)

// A reader that went away (`deskvisor status | head -1`) is no error.
process.stdout.on('error', () => process.exit(0))

runCommandLine(process.argv.slice(2), process).then((status) => {
  process.exitCode = status
})
