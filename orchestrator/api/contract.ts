import type { BootIntent } from '../boot/index.ts'

export { DeskvisorError, sentenceOf } from '../host/errors.ts'

/** Everything that `deskvisor status --json` prints and the menu's first screen shows. */
export type Status = {
  version: string
  /** The decision of this boot; null before it was taken (or on a machine that was not booted by Deskvisor). */
  intent: BootIntent | null
  /** The inserted cartridge, shown to people as the operating system; null when none is inserted. */
  operatingSystem: { name: string; title: string } | null
  console: { running: boolean; healthy: boolean; starts: number; crashes: number }
  /** Bytes. */
  memory: { total: number; available: number }
  addresses: { interface: string; address: string }[]
  bootKey: string
  /** Set when deskvisor.toml (or the credential) cannot be used: one sentence with key and line. */
  configError: string | null
  passthrough: { address: string; description: string; given: boolean; reason: string }[]
}

/** The one contract between the menu (or the command line) and the machine. */
export type RecoveryApi = {
  status(): Promise<Status>
  /** Asks for the desktop; resolves when the request was accepted. The menu is closed by the machine. */
  startDesktop(): Promise<void>
  /** The newest journal lines, oldest first, already free of control characters. */
  logs(lines: number): Promise<string[]>
  restart(): Promise<void>
  powerOff(): Promise<void>
}
