/** To the first column of a row and from there to another, as neo-blessed goes to the first cell that changed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal is sent
const roundabout = /\x1b\[(\d+);1H(?:\x1b\[\1;(\d+)H|\x1b\[(\d+)C)/g

/** The same with one move where there were two: on a serial line a fifth of what a key costs that scrolls. */
export function shorten(output: string): string {
  return output.replace(
    roundabout,
    (_, row: string, column: string | undefined, right: string | undefined) =>
      `\x1b[${row};${column ?? Number(right) + 1}H`,
  )
}
