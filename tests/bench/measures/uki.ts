import { stat } from 'node:fs/promises'
import { benchPlaces } from '../places.ts'
import type { Measure } from '../row.ts'

const uki: Measure = {
  name: 'uki',
  sentence: 'size of the unified kernel image',
  async take() {
    const { size } = await stat(benchPlaces.uki).catch((cause: Error) => {
      throw new Error(`${benchPlaces.uki} is missing: run npm run image first`, { cause })
    })
    const note = `dist/deskvisor.efi has ${size} bytes; 1 MB is 1,000,000 bytes`
    const target = { of: 'figure', atMost: 60 } as const
    return [{ name: 'UKI', unit: 'MB', figure: size / 1e6, baseline: null, target, note }]
  },
}

export default uki
