import { join } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { readText } from '../host/atomic.ts'
import { isErrno, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { nearest } from '../host/nearest.ts'
import { lineOfKey } from './locate.ts'
import { schemaAt } from './schema.ts'
import { type Config, defaultConfig } from './types.ts'
import validate from './validator.generated.mjs'

export { type Config, defaultConfig } from './types.ts'

export type LoadedConfig = {
  config: Config
  /** One sentence that names file, line, key and what was expected; the config is then the defaults. */
  error: string | null
}

/**
 * deskvisor.toml with its defaults. A systemd credential of that name wins over the file (systemd.exec(5),
 * ImportCredential=); outside a unit it is the machine's own one, which only root may read
 * (systemd.system-credentials(7)). Never throws: what cannot be used is an `error`, and no file at all is no error.
 */
export function loadConfig(
  machine: Machine,
  credentials = process.env.CREDENTIALS_DIRECTORY ?? join(machine.root, 'run/credentials/@system'),
): LoadedConfig {
  const sources = [
    {
      name: 'credential deskvisor.toml',
      path: join(credentials, 'deskvisor.toml'),
      notThere: ['ENOENT', 'ENOTDIR', 'EACCES'],
    },
    { name: 'deskvisor.toml', path: machine.paths.config, notThere: ['ENOENT', 'ENOTDIR'] },
  ]
  for (const { name, path, notThere } of sources) {
    try {
      return parseConfig(readText(path, { followSymlink: false, maxBytes: 262_144 }), name)
    } catch (error) {
      if (!isErrno(error, ...notThere)) {
        return { config: defaultConfig, error: `${name} ${unreadable(error)}.` }
      }
    }
  }
  return { config: defaultConfig, error: null }
}

/** The same for a text; `name` is what its errors call it. */
export function parseConfig(text: string, name = 'deskvisor.toml'): LoadedConfig {
  try {
    const raw: unknown = parse(text)
    const problem = firstProblem(raw)
    return problem
      ? { config: defaultConfig, error: describe(problem, raw, text, name) }
      : { config: withDefaults(raw as PartialConfig), error: null }
  } catch (error) {
    return { config: defaultConfig, error: describeSyntax(error, name) }
  }
}

type PartialConfig = { [Table in keyof Config]?: Partial<Config[Table]> }
type Problem = { path: string[]; unknownKey: boolean }

function withDefaults(given: PartialConfig): Config {
  return {
    boot: { ...defaultConfig.boot, ...given.boot },
    console: { ...defaultConfig.console, ...given.console },
    passthrough: { ...defaultConfig.passthrough, ...given.passthrough },
    snapshots: { ...defaultConfig.snapshots, ...given.snapshots },
  }
}

function firstProblem(raw: unknown): Problem | undefined {
  if (validate(raw)) return undefined
  const error = validate.errors?.[0]
  if (!error) return { path: [], unknownKey: false }
  const path = error.instancePath.split('/').slice(1).map(unescapePointer)
  const unknown = error.params.additionalProperty
  return typeof unknown === 'string'
    ? { path: [...path, unknown], unknownKey: true }
    : { path, unknownKey: false }
}

/** JSON pointer (RFC 6901): `~1` is a slash and `~0` a tilde. */
function unescapePointer(step: string): string {
  return step.replaceAll('~1', '/').replaceAll('~0', '~')
}

function describe({ path, unknownKey }: Problem, raw: unknown, text: string, name: string): string {
  const key = printable(path.join('.'))
  const where = `${name} line ${lineOfKey(text, path) ?? 1}`
  if (!unknownKey) {
    return `${where}: ${key} is ${show(valueAt(raw, path))}; expected ${schemaAt(path)?.description ?? 'another value'}.`
  }
  const known = Object.keys(schemaAt(path.slice(0, -1))?.properties ?? {})
  const meant = nearest(path.at(-1) ?? '', known)
  const advice = meant
    ? `did you mean ${[...path.slice(0, -1), meant].join('.')}`
    : `expected one of ${known.join(', ')}`
  return `${where}: ${key} is not a known key; ${advice}${meant ? '?' : '.'}`
}

function describeSyntax(error: unknown, name: string): string {
  if (!(error instanceof TomlError)) return `${name} cannot be read: ${printable(sentenceOf(error))}`
  const summary = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document:\s*/, '')
  return `${name} line ${error.line}: ${printable(summary)} (column ${error.column}); expected valid TOML.`
}

function unreadable(error: unknown): string {
  if (isErrno(error, 'ELOOP')) return 'is a symbolic link; expected a regular file'
  if (isErrno(error, 'EISDIR')) return 'is a folder; expected a regular file'
  if (isErrno(error)) return `cannot be read: ${sentenceOf(error)}`
  return `${sentenceOf(error)}; expected a TOML file`
}

function valueAt(raw: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], raw)
}

function show(value: unknown): string {
  const text = printable(typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value)))
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** Whatever stands in a file must not steer the terminal that shows it. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '?')
}
