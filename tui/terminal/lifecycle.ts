const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const

/**
 * Runs `restore` exactly once before this process ends, whatever ends it: exit, a signal or an exception. After a signal
 * the process dies of that signal, so that whoever sent it (systemd) sees what it expects. Returns how to undo this.
 *
 * `isBusy` tells that a program of the person's has the terminal; its Ctrl-C must not end the menu behind it.
 */
export function restoreAtEnd(restore: () => void, isBusy: () => boolean): () => void {
  const attempt = () => {
    try {
      restore()
    } catch {
      // The terminal is gone (line hung up); there is nothing left to restore.
    }
  }
  const onSignal = (signal: NodeJS.Signals) => {
    if (isBusy() && (signal === 'SIGINT' || signal === 'SIGQUIT')) return
    attempt()
    for (const each of SIGNALS) process.off(each, onSignal)
    process.kill(process.pid, signal)
  }
  const onException = (error: unknown) => {
    attempt()
    // A closed line makes every write fail; saying so would only fail again.
    try {
      process.stderr.write(
        `The recovery menu stopped: ${error instanceof Error ? error.stack : String(error)}\n`,
      )
    } catch {}
    process.exit(1)
  }
  for (const signal of SIGNALS) process.on(signal, onSignal)
  process.on('uncaughtException', onException)
  process.on('exit', attempt)
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal)
    process.off('uncaughtException', onException)
    process.off('exit', attempt)
  }
}
