import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsoleFont } from './font.ts'
import { judge, type PlacedPicture } from './judge.ts'
import { encodePng, isSame, type Picture } from './picture.ts'
import { Recording } from './recorder.ts'
import { screenText } from './screen-text.ts'

/** What a person could notice is there longer than this. */
const lookEveryMs = 150

export type Recorded = {
  /** Each new sight is kept as NAME-NNN.png in the folder `results`. */
  name: string
  results: string
  font: ConsoleFont
  startedAt: number
  /** The computer's own logo. */
  logo?: PlacedPicture | undefined
}

/** Looks at a screen several times a second until stopped. `look` gives no picture while there is no screen. */
export function record(look: () => Promise<Picture | undefined>, recorded: Recorded): Recording {
  const { name, results, font, startedAt, logo } = recorded
  let running = true
  const recording = new Recording(() => {
    running = false
    return looking
  })
  const looking = (async () => {
    let last: Picture | undefined
    // The last look comes after the end was asked for.
    for (let number = 0, ends = false; !ends; await sleep(lookEveryMs)) {
      ends = !running
      const picture = await look()
      const atMs = Date.now() - startedAt
      if (!picture || (last && isSame(picture, last))) continue
      last = picture
      const text = screenText(picture, font)
      const file = join(results, `${name}-${String(number++).padStart(3, '0')}.png`)
      await writeFile(file, encodePng(picture))
      recording.add({ atMs, text, sight: judge(picture, { text, logo }), file })
    }
  })()
  // Whoever stops the recording hears why.
  looking.catch(() => recording.fail())
  return recording
}
