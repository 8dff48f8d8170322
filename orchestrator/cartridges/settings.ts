import { asObject } from '../host/objects.ts'

/**
 * What cartridge.json decides about starts. It holds for the whole cartridge and is in no snapshot: going back changes what is
 * on the disk, and never whether the next start resets it, or to which snapshot.
 */
export type Settings = {
  /** Name of the golden snapshot; null when there is none. */
  golden: string | null
  /** Without it each snapshot may be the golden one. */
  isGoldenKnown: boolean
  /** Every start begins from the golden snapshot. */
  resets: boolean
}

/** Of a cartridge that may be damaged; description.ts reads it for a start, and refuses what is not as it should be. */
export function readSettings(about: unknown): Settings {
  const isObject = typeof about === 'object' && about !== null && !Array.isArray(about)
  const { golden = null, reset } = asObject(about)
  const isGoldenKnown = isObject && (golden === null || typeof golden === 'string')
  return {
    golden: typeof golden === 'string' ? golden : null,
    isGoldenKnown,
    resets: reset === 'every-start',
  }
}
