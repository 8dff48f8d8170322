import type { Guest } from './pc/guest.ts'
import type { ShellResult } from './pc/test-shell.ts'

/** `limitS`: seconds of fair-time.ts after which the computer is taken to stand still. */
export type Waiting = { limitS?: number }

/** `powered-off`: it switched itself off. `cut`: the test did. `died`: what it runs in ended by itself. */
export type End = 'powered-off' | 'cut' | 'died'

/**
 * A computer with Deskvisor on it and what a person can do to it, whatever it is made of: a virtual PC, or the shipped
 * root in a container, whose desktop is emulated.
 */
export interface Computer extends AsyncDisposable {
  /** The desktop VM, reached by its guest agent as the host sees it. */
  readonly guest: Guest
  /** How often the host came up since the computer was switched on. */
  readonly hostBoots: number
  /** Runs something as root in the host and returns its output. An array is taken word by word. */
  shell(command: string | string[], waiting?: Waiting): Promise<ShellResult>
  /** Resolves when the host's system manager runs and takes commands. */
  hostIsUp(limitS?: number): Promise<void>
  /** Presses a key, or several together, for a moment. */
  tap(...keys: string[]): Promise<void>
  type(text: string): Promise<void>
  /** What the person in front can read on the screen: the menu, or what the desktop draws. */
  screenText(): Promise<string>
  /** Waits until the screen shows what is expected and returns all of its text. */
  waitForScreen(expected: RegExp, waiting?: Waiting): Promise<string>
  /** Keeps what is on the screen among the results. */
  screenshot(name: string): Promise<void>
  /** Pulls the plug: nothing in the computer gets to do anything any more, and what was not flushed is lost. */
  cutPower(): Promise<void>
  /** Waits until the computer is off. */
  waitForExit(limitS?: number): Promise<End>
  /** Keeps everything that helps to understand a failure, and returns its gist. */
  keepEvidence(name: string): Promise<string>
}
