import { type Line, line } from '../terminal/text.ts'

/** How far something is (0 to 1) as a bar with the percentage behind it, in `width` cells; nothing when nobody knows. */
export function progressBar(progress: number | null, width: number): Line {
  if (progress === null || !Number.isFinite(progress)) return line('')
  const share = Math.max(0, Math.min(progress, 1))
  // Never "100 %" before it is so.
  const percent = `${String(Math.floor(share * 100)).padStart(4)} %`
  const cells = Math.max(1, width - percent.length)
  const done = Math.floor(share * cells)
  return [
    { text: ' '.repeat(done), style: 'selected' },
    { text: '·'.repeat(cells - done), style: 'label' },
    { text: percent, style: 'strong' },
  ]
}
