import type { Floor, Scenario, Step } from './scenario.ts'

export type Played = { name: string; floor: Floor; seconds: number; steps: Step[] }

/** Scenarios that this computer or this user cannot play. */
export type Skipped = { why: string; scenarios: Scenario[] }

export function reportStep(name: string, { sentence, seconds, error }: Step): void {
  console.log(`${error ? 'FAIL' : 'ok  '} ${name}: ${sentence} (${seconds} s)`)
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    console.log(indented(cause.message))
  }
}

/** What a computer was at when its scenario failed. */
export function reportEvidence(name: string, number: number, gist: string): void {
  console.log(`     ${name}, computer ${number + 1} then:\n${indented(gist)}`)
}

/** Without empty lines: a screen has many. */
function indented(text: string): string {
  return text.replace(/^\s*\n/gm, '').replace(/^/gm, '       ')
}

/**
 * Says again what failed, for those who read the end only, and what took how long. `N passed, N failed` stands last;
 * `known` steps passed before. Returns the exit status.
 */
export function summarize(played: Played[], skipped: Skipped[], known: number): number {
  console.log('')
  const steps = played.flatMap((play) => play.steps)
  const failed = steps.filter(({ error }) => error).length
  for (const play of played) {
    for (const step of play.steps.filter(({ error }) => error)) reportStep(play.name, step)
  }
  for (const line of timings(played)) console.log(line)
  for (const { why, scenarios } of skipped) {
    const names = scenarios.map(({ name }) => name).join(', ')
    if (scenarios.length > 0) console.log(`skipped, because ${why}: ${scenarios.length} (${names})`)
  }
  const left = skipped.some(({ scenarios }) => scenarios.length > 0)
  const passed = steps.length - failed + known
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && (passed > 0 || left) ? 0 : 1
}

/** A line for each scenario, the longest first: how long, and of how many plays how many passed. */
export function timings(played: readonly Played[]): string[] {
  const names = [...new Set(played.map(({ name }) => name))]
  const rows = names.map((name) => {
    const plays = played.filter((play) => play.name === name)
    const passed = plays.filter(({ steps }) => !steps.some(({ error }) => error)).length
    const longest = Math.max(...plays.map(({ seconds }) => seconds))
    return { name, floor: plays[0]?.floor ?? '', longest, passed, plays: plays.length }
  })
  return rows
    .toSorted((a, b) => b.longest - a.longest)
    .map(({ name, floor, longest, passed, plays }) => {
      const often = plays > 1 || passed < plays ? `  ${passed} of ${plays} passed` : ''
      return `${String(longest).padStart(5)} s  ${floor.padEnd(10)} ${name}${often}`
    })
}

/** The same for programs. */
export function asJson(played: readonly Played[]) {
  return played.map(({ steps, ...play }) => ({
    ...play,
    steps: steps.map(({ sentence, seconds, error }) => ({
      sentence,
      seconds,
      error: error?.message ?? null,
    })),
  }))
}
