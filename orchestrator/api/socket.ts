import { createConnection } from 'node:net'
import { join } from 'node:path'
import { isErrno } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'

/** Where the daemon listens. */
export function socketPath(machine: Machine): string {
  return join(machine.paths.run, 'api.sock')
}

/** Whether somebody listens on a socket, or that this user may not know. systemd starts the daemon for the asking. */
export function socketAnswers(path: string): Promise<'yes' | 'no' | 'not-allowed'> {
  return new Promise((resolve) => {
    const connection = createConnection(path)
    connection.once('connect', () => {
      connection.destroy()
      resolve('yes')
    })
    connection.once('error', (error) => resolve(isErrno(error, 'EACCES') ? 'not-allowed' : 'no'))
  })
}
