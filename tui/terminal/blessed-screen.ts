import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import Tput from 'neo-blessed/lib/tput.js'
import Screen from 'neo-blessed/lib/widgets/screen.js'
import type { FullTerminal } from './kind.ts'
import type { Size } from './size.ts'
import { readTerminfo, type TerminfoName } from './terminfo.ts'

/** What neo-blessed takes for the terminal: it sees the size that we say, and nothing of process.stdout. */
export class OutputPort extends EventEmitter {
  readonly isTTY = true
  readonly writable = true
  readonly write: (text: string) => void
  columns: number
  rows: number

  constructor(size: Size, write: (text: string) => void) {
    super()
    this.write = write
    this.columns = size.columns
    this.rows = size.rows
  }
}

/** A screen of neo-blessed that keeps to this terminal and its output, and to nothing else of the process. */
export function createScreen(terminal: FullTerminal, output: OutputPort): Screen {
  useOwnTerminfo(terminal.terminfo)
  const tmux = process.env.TMUX
  // With TMUX set it would run `tmux -V` and wait for it (lib/program.js, constructor).
  delete process.env.TMUX
  try {
    const screen = new Screen({
      smartCSR: true,
      useBCE: true,
      terminal: terminal.terminfo,
      forceUnicode: terminal.unicode,
      input: new PassThrough(),
      output,
    })
    dropHandlers()
    return screen
  } finally {
    if (tmux !== undefined) process.env.TMUX = tmux
  }
}

function useOwnTerminfo(name: TerminfoName): void {
  Tput.prototype.readTerminfo = function (this: typeof Tput.prototype) {
    return this.parseTerminfo(readTerminfo(name), `/terminfo/${name}`)
  }
}

// It installs handlers of its own for exceptions and signals; lifecycle.ts is the one that restores the terminal.
function dropHandlers(): void {
  const handlers = {
    uncaughtException: Screen._exceptionHandler,
    SIGTERM: Screen._sigtermHandler,
    SIGINT: Screen._sigintHandler,
    SIGQUIT: Screen._sigquitHandler,
    exit: Screen._exitHandler,
  }
  for (const [event, handler] of Object.entries(handlers)) {
    if (handler !== undefined) process.removeListener(event, handler)
  }
}
