import type { Computer } from './computer.ts'
import type { Container } from './container/container.ts'
import type { ContainerSpec } from './container/start.ts'
import type { Pc } from './pc/pc.ts'
import type { StateName } from './pc/saved-state.ts'
import type { PcSpec } from './pc/spec.ts'

/**
 * What a scenario is played on. `container`: the shipped root, booted in seconds at native speed, with an emulated desktop; for
 * all that is neither firmware, kernel, keyboard, PCI nor the real screen. `pc`: a virtual PC with all of that.
 */
export type Floor = 'container' | 'pc'

/** What a scenario works with. Computers and disks are cleared away when it ends, whichever way. */
type Stage<Spec, C extends Computer> = {
  /** Switches a computer on; unless told otherwise its disk is a fresh copy of the prepared one. */
  start(spec?: Partial<Spec>): Promise<C>
  /** A fresh copy of the prepared disk, for scenarios that switch a computer on more than once. */
  newDisk(): Promise<string>
  /** One sentence about the machine that this proves; counted as one test. */
  step<T>(sentence: string, prove: () => Promise<T>): Promise<T>
  /** A folder for what the scenario makes. */
  folder: string
  signal: AbortSignal
  /** How long what can go on for ever is to go on. */
  minutes: number
}

export type Stages = {
  container: Stage<ContainerSpec, Container>
  pc: Stage<PcSpec, Pc> & {
    /** A PC that was booted to this state once and goes on from there, on a disk of its own (`disk`, for another start). */
    resume(state: StateName): Promise<{ pc: Pc; disk: string }>
  }
}

export type Scenario = {
  [F in Floor]: {
    floor: F
    name: string
    sentence: string
    /** Fair seconds (fair-time.ts) after which the whole of it is taken to stand still. */
    limitS: number
    play(stage: Stages[F]): Promise<void>
  }
}[Floor]

export type Step = { sentence: string; seconds: number; error?: Error }

export function scenario<F extends Floor>(
  floor: F,
  name: string,
  sentence: string,
  play: (stage: Stages[F]) => Promise<void>,
  { limitS = 1200 }: { limitS?: number } = {},
): Scenario {
  return { floor, name, sentence, play, limitS } as Scenario
}
