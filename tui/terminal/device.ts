/** What the keyboard of a terminal is read from: standard input, or a test's. Without `fd` the kernel has no part in it. */
export type Input = NodeJS.ReadableStream & {
  readonly fd?: number
  readonly isTTY?: boolean
  setRawMode(raw: boolean): unknown
}

/** What is written to the screen of a terminal: standard output, or a test's. */
export type Output = {
  readonly fd?: number
  readonly isTTY?: boolean
  write(text: string): unknown
  /** Columns, then rows. */
  getWindowSize(): [number, number]
}
