import type { Api } from '../../orchestrator/api/index.ts'
import type { Input, Output } from '../terminal/device.ts'
import type { TerminalKind } from '../terminal/kind.ts'
import { restoreAtEnd } from '../terminal/lifecycle.ts'
import { runShell } from '../terminal/shell.ts'
import { Terminal } from '../terminal/terminal.ts'
import { App } from './app.ts'

/** How often the machine's state is read, in milliseconds. */
const REFRESH_MS = 5000
/** The first picture waits this many milliseconds for the machine's state, and no longer. */
const FIRST_PAINT_MS = 50

type FullMenu = {
  root: string
  api: Api
  input: Input
  output: Output
  kind: Extract<TerminalKind, { kind: 'full' }>
}

/** The menu on a whole screen. Resolves when the terminal hung up; otherwise it stays. */
export async function runFullMenu({ root, api, input, output, kind }: FullMenu): Promise<void> {
  const terminal = new Terminal(input, output, {
    onKey: (key) => app.onKey(key),
    onResize: () => app.redraw(),
  })
  let inShell = false
  const forget = restoreAtEnd(
    () => terminal.close(),
    () => inShell,
  )
  const shell = async () => {
    terminal.close()
    inShell = true
    try {
      await runShell(root, (text) => output.write(`${text}\n`))
    } finally {
      inShell = false
      await terminal.open(kind)
      app.redraw()
    }
  }
  const app = new App(api, {
    size: () => terminal.size,
    paint: (lines, scroll) => terminal.paint(lines, scroll),
    reset: () => terminal.reset(),
    shell,
  })

  const hungUp = new Promise<void>((resolve) => {
    input.once('end', resolve)
    input.once('error', () => resolve())
  })
  const firstStatus = app.refresh()
  await terminal.open(kind)
  await Promise.race([firstStatus, delay(FIRST_PAINT_MS)])
  app.redraw()
  void firstStatus.then(() => askAboutTry(app)).then(() => app.refreshJobs())
  const timer = setInterval(() => void app.refresh().then(() => app.refreshJobs()), REFRESH_MS)
  await hungUp
  clearInterval(timer)
  app.end()
  terminal.close()
  forget()
}

/** A snapshot that was tried waits for a decision: asks for it, but only after there is something to see. */
async function askAboutTry(app: App): Promise<void> {
  const { decidePending } = await import('../screens/trying/trying.ts')
  app.tellAtHome(decidePending)
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
