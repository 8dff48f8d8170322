import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicSeconds } from '../host/clock.ts'
import { desktopState } from '../host/desktop-state.ts'
import { sentenceOf } from '../host/errors.ts'
import { log } from '../host/log.ts'
import type { Machine } from '../host/machine.ts'
import { notify } from '../host/systemd.ts'
import { type Attachment, attach } from './attach.ts'
import { keepBeforeUpdates, keepSnapshot } from './before-update.ts'
import type { TellGuest } from './guest-signals.ts'
import { killUnit } from './kill-unit.ts'
import { shutdownInJournal } from './last-events.ts'
import { askToShutDown, logOutReader } from './log-out.ts'
import { isLoggedOut } from './logged-out.ts'
import { maintain } from './maintain.ts'
import { pressPowerButton } from './power-button.ts'
import { readRecord, writeRecord } from './record.ts'
import { nextAction } from './watchdog.ts'
import type { EndAction, WatchdogAction, WatchdogEvent, WatchdogState } from './watchdog-types.ts'

/** QEMU's time to end after it said so, in milliseconds: it writes back the disk, which may be slow, and unpins memory. */
const endingMs = 60_000
/** What a guest gets when the host goes down: less than TimeoutStopSec= of our unit. QEMU's own unit ends after it. */
const shutdownMs = 20_000

export type WatchdogOptions = {
  machine: Machine
  /** Called once, when the console has become healthy. */
  onHealthy: () => Promise<void>
  /** Called when the user of a console that resets logged out, before the guest is asked to shut down; perhaps again. */
  onLogOut: () => Promise<void>
  /** Called when the console ended by a fault, before what follows is decided. */
  onCrash: () => Promise<void>
}

/** One watchdog's view of the console: what it knows, what it hears, and what it does about that. */
export class Watch {
  private readonly options: WatchdogOptions
  private state: WatchdogState
  private attachment: Attachment | null = null
  private terminating = false
  private killing = false
  private overdue: NodeJS.Timeout | undefined
  private readonly beforeUpdate: (tell: TellGuest) => void

  constructor(options: WatchdogOptions) {
    this.options = options
    this.state = readRecord(this.machine)
    this.beforeUpdate = keepBeforeUpdates(this.machine, () => keepSnapshot(this.machine))
  }

  private get machine(): Machine {
    return this.options.machine
  }

  /** QEMU is on its way out, and not only asked to be. */
  get isEnding(): boolean {
    return this.state.ending !== null && !isLoggedOut(this.state.ending)
  }

  /** What the last watchdog decided about the end of the console and could not finish. */
  get due(): EndAction | null {
    return this.state.due
  }

  async handle(event: WatchdogEvent): Promise<void> {
    const action = this.decide(event)
    if (action.kind === 'bless') await this.options.onHealthy()
    if (action.kind === 'kill') await this.kill()
    if (action.kind === 'shut-down') {
      await this.options.onLogOut()
      clearTimeout(this.overdue)
      this.overdue = askToShutDown(this.machine.clock, this.state, this.attachment?.qmp, () =>
        this.hear({ kind: 'tick', at: monotonicSeconds(this.machine.clock) }),
      )
      if (action.bless) await this.options.onHealthy()
    }
  }

  /** Connects to QEMU, reports ready, and resolves when the connection is closed; throws when it is of no use. */
  async attachUntilClosed(): Promise<void> {
    const readLogOut = logOutReader(this.machine)
    let standsStill = () => {}
    const attachment = await attach(this.machine, {
      isHealthy: () => this.state.healthy,
      onEvent: (event) => this.hear(event),
      onStandstill: () => standsStill(),
      onSignal: (signal, tell) => {
        const isEnding = this.state.ending !== null
        if (signal === 'before-update') return isEnding ? tell('busy') : this.beforeUpdate(tell)
        if (!isEnding) void readLogOut().then((event) => this.hear(event))
      },
    })
    this.attachment = attachment
    notify('READY=1\nSTATUS=The desktop runs.')
    this.hear({ kind: 'attached' })
    const looking = maintain(this.machine, attachment.qmp, this.state.freeFloor)
    standsStill = looking.soon
    try {
      await attachment.closed
    } finally {
      looking.end()
      this.attachment = null
    }
  }

  async untilEnded(): Promise<void> {
    const { clock } = this.machine
    const deadline = clock.monotonicMs() + endingMs
    for (; clock.monotonicMs() < deadline; await clock.sleep(100)) {
      if ((await desktopState(this.machine)).hasEnded) return
    }
    await killUnit(this.machine)
    await clock.sleep(1000)
  }

  /** Decides what follows the end of the unit; null while the watchdog is being told to go. */
  async finish(result: string): Promise<EndAction | null> {
    if (this.terminating) return null
    // A clean end of which nobody was told: the watchdog was away.
    if (!this.isEnding && result === 'success') {
      const last = await shutdownInJournal(this.state.startedAt)
      if (last !== null) this.decide(last)
    }
    const { state, action } = nextAction(this.state, {
      kind: 'ended',
      at: monotonicSeconds(this.machine.clock),
      result,
    })
    this.keep(state)
    if (state.ending?.kind === 'crash') {
      if (state.lastCrash !== null) log.warning(state.lastCrash)
      await this.options.onCrash()
    }
    return action
  }

  /**
   * The watchdog is told to go. When the host goes down, the guest's power button is pressed first; systemd stops
   * QEMU after this unit. Otherwise the console goes on, and the next watchdog attaches to it.
   */
  async terminate(): Promise<void> {
    this.terminating = true
    const { stdout } = await this.machine.systemctl('is-system-running')
    const attachment = this.attachment
    if (stdout.trim() === 'stopping' && attachment !== null) {
      notify('STOPPING=1\nSTATUS=The desktop is asked to shut down.')
      const pressed = pressPowerButton(attachment.qmp).then(() => attachment.closed)
      await Promise.race([pressed.catch(() => {}), this.machine.clock.sleep(shutdownMs)])
    }
    process.exit(0)
  }

  private hear(event: WatchdogEvent): void {
    this.handle(event).catch((error) => log.warning(sentenceOf(error)))
  }

  private decide(event: WatchdogEvent): WatchdogAction {
    const { state, action } = nextAction(this.state, event)
    this.keep(state)
    return action
  }

  private keep(state: WatchdogState): void {
    if (state === this.state) return
    this.state = state
    try {
      writeRecord(this.machine, state)
    } catch (error) {
      // No room in /run costs the next watchdog its memory, but no desktop its life.
      log.warning(`The watchdog's record cannot be written: ${sentenceOf(error)}`)
    }
  }

  /**
   * `quit` lets QEMU write back the disk; a QEMU that does not listen, or does not end then, is killed. Once at a time: a guest
   * can give the reason for it again and again meanwhile.
   */
  private async kill(): Promise<void> {
    if (this.killing) return
    this.killing = true
    try {
      if (this.attachment === null) throw new Error('not attached')
      const { qmp, closed } = this.attachment
      await qmp.execute('quit', undefined, 3000)
      const tooLong = sleep(endingMs, undefined, { ref: false }).then(() =>
        Promise.reject(new Error('too long')),
      )
      await Promise.race([closed, tooLong])
    } catch {
      await killUnit(this.machine)
    } finally {
      this.killing = false
    }
  }
}
