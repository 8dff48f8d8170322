// Reads the stream of tap: what passed, what was skipped and why, what failed and how.

/** So much of how something failed is shown; all of it is in the file that was read. */
const mostReasonLines = 8

/** `skipped` and `failures` in order, each with the titles that lead to it, the test file first. Also of a stream that ends in the middle. */
export function readTap(output) {
  const result = { passed: 0, skipped: [], failures: [] }
  const titles = []
  let failuresBefore = []
  let reason
  for (const line of output.split('\n')) {
    const [, spaces = '', rest = ''] = /^( *)(.*)$/.exec(line) ?? []
    const depth = spaces.length / 4
    const subtest = /^# Subtest: (.*)$/.exec(rest)
    const point = /^(not )?ok \d+(?: - )?(.*?)(?: # (?:time=\S+|(SKIP|TODO) ?(.*)))?$/.exec(rest)
    if (subtest) {
      titles.length = depth
      titles[depth] = subtest[1]
      failuresBefore = [...failuresBefore.slice(0, depth), result.failures.length]
      reason = undefined
    } else if (point && Number.isInteger(depth)) {
      const [, isFailure, title, directive, why] = point
      const isParent = depth < titles.length && titles[depth] === title
      const path = [...titles.slice(0, depth), title]
      titles.length = Math.min(titles.length, depth)
      reason = undefined
      if (directive) result.skipped.push({ path, why })
      else if (!isFailure) result.passed += isParent ? 0 : 1
      // What has failed in it has been told; where nothing has, it failed itself.
      else if (!isParent || result.failures.length === failuresBefore[depth]) {
        reason = { indent: spaces.length + 2, lines: [] }
        result.failures.push({ path, reason: reason.lines })
      }
    } else if (reason) takeReason(reason, line)
  }
  for (const failure of result.failures) failure.reason = reasonOf(failure.reason)
  return result
}

function takeReason(reason, line) {
  const isBegin = line.trim() === '---'
  if (line.trim() === '...' && line.length === reason.indent + 3) reason.ended = true
  if (!isBegin && !reason.ended) reason.lines.push(line.slice(reason.indent))
}

/** Of the details that tap writes in YAML, what was expected and what came, and where. */
function reasonOf(lines) {
  const blocks = {}
  let key
  for (const line of lines) {
    const named = /^(\w+): ?(.*)$/.exec(line)
    if (named) {
      key = named[1]
      blocks[key] = /^[|>][\d+-]*$/.test(named[2]) || named[2] === '' ? [] : [named[2]]
    } else if (key && line.trim() !== '') blocks[key].push(line)
  }
  const values = (name) => (blocks[name] ?? []).map((line) => `${name}: ${line.trim()}`)
  const said =
    blocks.diff ?? ['found', 'wanted', 'pattern', 'doNotWant', 'error', 'exitCode', 'signal'].flatMap(values)
  const where = Object.fromEntries((blocks.at ?? []).map((line) => line.trim().split(': ')))
  const place = where.fileName ? [`at ${where.fileName}:${where.lineNumber}`] : []
  const telling = said.filter((line) => !/^\s*(--- expected|\+\+\+ actual|@@ .*)$/.test(line))
  return [...telling.slice(0, mostReasonLines), ...place]
}

/** The totals that tap writes as the last comment of its stream, `# { total: 9, pass: 7, fail: 2 }`; null before that. */
export function countTap(output) {
  const totals = /^# \{ (total: .*) \}$/m.exec(output)?.[1]
  if (totals === undefined) return null
  const number = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0)
  return { passed: number('pass'), failed: number('fail') }
}
