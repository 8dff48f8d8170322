import { parseArgs } from 'node:util'
import type { Floor, Scenario } from './scenario.ts'

export const usage = `npm run test:scenarios [-- NAME…] [OPTION…]

Plays scenarios on the built image, in a container or in a virtual PC, two at a time.

  NAME…         only these
  --floor F     those on this floor: container or pc
  --passed      skip those that passed with the same image and the same sources
  --times N     play each N times
  --load N      with N busy processes beside it
  --jobs 1      one at a time
  --minutes N   so long hostile-guest sends all it can (1)
  --json FILE   write each result, and how long it took
  --list        list all scenarios
`

export type Options = {
  names: string[]
  floors: Floor[]
  passed: boolean
  times: number
  load: number
  jobs: number
  minutes: number
  json: string | undefined
  list: boolean
  help: boolean
}

/** What was asked for, or what is wrong with it, a line each. */
export function parseOptions(args: string[], all: readonly Scenario[]): Options | string {
  try {
    const { values, positionals: names } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        passed: { type: 'boolean', default: false },
        floor: { type: 'string', multiple: true, default: [] },
        jobs: { type: 'string', default: '2' },
        times: { type: 'string', default: '1' },
        load: { type: 'string', default: '0' },
        minutes: { type: 'string', default: '1' },
        json: { type: 'string' },
      },
    })
    const unknown = names.filter((name) => !all.some((scenario) => scenario.name === name))
    const mistakes = [
      unknown.length > 0 && `No such scenario: ${unknown.join(', ')}`,
      !values.floor.every(isFloor) && '--floor takes container or pc',
      !/^[12]$/.test(values.jobs) && '--jobs takes 1 or 2',
      !/^[1-9]\d{0,2}$/.test(values.times) && '--times takes a number from 1 to 999',
      !/^[1-9]\d{0,2}$/.test(values.minutes) && '--minutes takes a number from 1 to 999',
      !/^\d{1,2}$/.test(values.load) && '--load takes a number from 0 to 99',
    ].filter((mistake) => mistake !== false)
    if (mistakes.length > 0) return mistakes.join('\n')
    const [jobs = 2, times = 1, load = 0, minutes = 1] = [
      values.jobs,
      values.times,
      values.load,
      values.minutes,
    ].map(Number)
    const { floor, json, ...flags } = values
    return { ...flags, names, floors: floor.filter(isFloor), json, jobs, times, load, minutes }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function isFloor(text: string): text is Floor {
  return text === 'container' || text === 'pc'
}
