import { DeskvisorError } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { type Caller, ownCaller, serviceAt } from './call.ts'
import { remoteCaller } from './remote.ts'
import { socketAnswers, socketPath } from './socket.ts'

/**
 * Who does the work: the daemon where its socket answers, else this process. Throws DeskvisorError `not-allowed` when
 * there is a daemon, and this user may not talk to it.
 */
export async function findCaller(machine: Machine, ownWork: boolean): Promise<Caller> {
  const socket = socketPath(machine)
  const answer = ownWork ? 'no' : await socketAnswers(socket)
  if (answer === 'no') return ownCaller(serviceAt(machine, { daemon: false }))
  if (answer === 'yes') return remoteCaller(socket)
  throw new DeskvisorError('not-allowed', 'Only root may look after this machine.', {
    hint: 'Try it as root.',
  })
}
