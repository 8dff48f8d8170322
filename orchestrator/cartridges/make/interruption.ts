import { DeskvisorError } from '../../host/errors.ts'

/** The reason of an abort when nobody wants the work gone, but the process has to end: what can go on later is kept. */
export function interruption(): DeskvisorError {
  return new DeskvisorError('interrupted', 'It was interrupted, because Deskvisor was told to end.', {
    next: 'Start it again.',
  })
}

export function isInterruption(signal: AbortSignal | undefined): boolean {
  return (
    signal?.aborted === true &&
    signal.reason instanceof DeskvisorError &&
    signal.reason.code === 'interrupted'
  )
}
