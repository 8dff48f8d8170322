/**
 * The line (from 1) on which a key of a TOML text is set, or undefined. Values inside inline tables and arrays
 * have the line of the key that holds them. The text must be valid TOML: this only looks for positions.
 */
export function lineOfKey(text: string, path: readonly string[]): number | undefined {
  let best: { line: number; depth: number } | undefined
  let table: string[] = []
  for (const { line, statement } of statements(text)) {
    const header = /^\[+([^\]]*)\]/.exec(statement)
    if (header) table = splitKey(header[1] ?? '')
    const key = header ? table : [...table, ...splitKey(keyPart(statement))]
    const matches = key.length > 0 && key.every((step, index) => index >= path.length || step === path[index])
    const depth = Math.min(key.length, path.length)
    if (matches && depth > (best?.depth ?? 0)) best = { line, depth }
  }
  return best?.line
}

/** The lines that begin a statement: no comments, and nothing inside a value that spans lines. */
function* statements(text: string): Generator<{ line: number; statement: string }> {
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const statement = (lines[index] ?? '').trim()
    if (statement === '' || statement.startsWith('#')) continue
    yield { line: index + 1, statement }
    if (!statement.startsWith('[')) index = lastLineOfValue(lines, index)
  }
}

/** Follows strings and brackets from the `=` of a line to the line on which its value ends. */
function lastLineOfValue(lines: readonly string[], start: number): number {
  let depth = 0
  let quote = ''
  for (let index = start; index < lines.length; index++) {
    const line = lines[index] ?? ''
    let at = index === start ? line.indexOf('=') + 1 : 0
    while (at < line.length) {
      const rest = line.slice(at)
      if (quote) {
        if (rest.startsWith('\\') && quote.startsWith('"')) at += 2
        else if (rest.startsWith(quote)) {
          at += quote.length
          quote = ''
        } else at++
        continue
      }
      if (rest.startsWith('#')) break
      quote = /^("""|'''|"|')/.exec(rest)?.[0] ?? ''
      if (/^[[{]/.test(rest)) depth++
      if (/^[\]}]/.test(rest)) depth--
      at += quote.length || 1
    }
    if (quote.length === 1) quote = ''
    if (depth <= 0 && quote === '') return index
  }
  return lines.length
}

function keyPart(statement: string): string {
  return /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^=])*/.exec(statement)?.[0] ?? ''
}

function splitKey(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
}
