/** How to talk to a terminal; `plain` means lines of text without any cursor movement. */
export type TerminalKind =
  | { kind: 'plain' }
  | {
      kind: 'full'
      terminfo: 'linux' | 'vt220' | 'vt100' | 'screen' | 'xterm'
      unicode: boolean
      colour: boolean
    }

/** A terminal with cells that can be drawn on. */
export type FullTerminal = Extract<TerminalKind, { kind: 'full' }>

type Environment = Record<string, string | undefined>

/**
 * Decides from TERM and the locale how the menu is drawn. Terminals that are not known are taken for an xterm, as every
 * emulator of today is one at heart; a missing or `dumb` TERM, or no terminal at all, gets the menu as plain lines.
 * vt100 and vt220 get ASCII with line-drawing characters: what listens behind a serial line is not known to speak UTF-8.
 */
export function terminalKind(env: Environment, interactive: boolean): TerminalKind {
  const term = (env.TERM ?? '').toLowerCase()
  if (!interactive || term === '' || term === 'dumb' || term === 'unknown') return { kind: 'plain' }
  if (/^vt[2345]\d\d/.test(term)) return { kind: 'full', terminfo: 'vt220', unicode: false, colour: false }
  if (/^vt(52|1\d\d)/.test(term)) return { kind: 'full', terminfo: 'vt100', unicode: false, colour: false }
  const unicode = speaksUnicode(env)
  if (term.startsWith('linux')) return { kind: 'full', terminfo: 'linux', unicode, colour: true }
  if (/^(screen|tmux)/.test(term)) return { kind: 'full', terminfo: 'screen', unicode, colour: true }
  return { kind: 'full', terminfo: 'xterm', unicode, colour: !term.endsWith('-mono') }
}

// A locale that is not set says nothing (services have none); one that is set and is not UTF-8 is believed.
function speaksUnicode(env: Environment): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  return locale === '' || /utf-?8/i.test(locale)
}
