import type { Style } from './text.ts'

type Look = { foreground?: number; background?: number; flags?: number }

// neo-blessed packs a cell's look as flags, foreground and background of nine bits (lib/widgets/screen.js, `attrCode`).
const DEFAULT = 0x1ff
const BOLD = 1
const INVERSE = 8
const [BLACK, YELLOW, BLUE, CYAN, WHITE] = [0, 3, 4, 6, 7]

// Bold on inverse is hard to read on the Linux console, so the two never meet.
const COLOURS: Record<Style, Look> = {
  plain: {},
  strong: { flags: BOLD },
  label: { foreground: CYAN },
  title: { foreground: WHITE, background: BLUE },
  selected: { foreground: BLACK, background: CYAN },
  warning: { foreground: YELLOW, flags: BOLD },
  border: { foreground: CYAN },
}

const MONOCHROME: Record<Style, Look> = {
  plain: {},
  strong: { flags: BOLD },
  label: {},
  title: { flags: INVERSE },
  selected: { flags: INVERSE },
  warning: { flags: BOLD },
  border: {},
}

/** How a style looks on a terminal with or without colours, as neo-blessed keeps it in a cell. */
export function attributeOf(style: Style, colour: boolean): number {
  const look = (colour ? COLOURS : MONOCHROME)[style]
  return ((look.flags ?? 0) << 18) | ((look.foreground ?? DEFAULT) << 9) | (look.background ?? DEFAULT)
}
