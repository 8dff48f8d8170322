type Native = {
  setWindowSize(fd: number, rows: number, columns: number): void
  flushInput(fd: number): void
}

/** Throws away what was typed before the menu was there; a held boot key must not act. Does nothing without the addon. */
export async function flushInput(fd: number | undefined): Promise<void> {
  if (fd !== undefined) await attempt((native) => native.flushInput(fd))
}

/** Tells the kernel the size of a serial terminal, so that the shell knows it as well. Does nothing without the addon. */
export async function setWindowSize(fd: number | undefined, rows: number, columns: number): Promise<void> {
  if (fd !== undefined) await attempt((native) => native.setWindowSize(fd, rows, columns))
}

// The menu is worth more than either of these, so no failure of the addon may reach it.
async function attempt(use: (native: Native) => void): Promise<void> {
  try {
    use(await import('../../orchestrator/host/native.ts'))
  } catch {
    // Run from a checkout without the compiled addon, or on something that is no real terminal.
  }
}
