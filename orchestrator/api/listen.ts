import { chmodSync, rmSync } from 'node:fs'
import type { ListenOptions, Server } from 'node:net'
import { dirname } from 'node:path'
import { makeFolder } from '../host/atomic.ts'
import { DeskvisorError, sentenceOf } from '../host/errors.ts'
import type { Machine } from '../host/machine.ts'
import { socketAnswers, socketPath } from './socket.ts'

/** The first descriptor that systemd hands over: SD_LISTEN_FDS_START, sd_listen_fds(3). */
const firstDescriptor = 3

export type Listening = {
  /** systemd holds the socket, and starts us again when somebody connects. */
  activated: boolean
  name: string
  /** Takes the socket away again if it was ours. */
  remove(): void
}

/** Listens on the socket that systemd handed over, or makes it: for root and its group only. */
export async function listenAt(server: Server, machine: Machine): Promise<Listening> {
  if (handedOver()) {
    await listening(server, { fd: firstDescriptor })
    return { activated: true, name: 'the socket of systemd', remove: () => {} }
  }
  const path = socketPath(machine)
  if ((await socketAnswers(path)) === 'yes') {
    throw new DeskvisorError('already-served', `Another deskvisor serve listens on ${path} already.`)
  }
  try {
    makeFolder(dirname(path))
    rmSync(path, { force: true })
    // The socket must not be there for a moment with the permissions of everybody.
    const before = process.umask(0o117)
    await listening(server, { path }).finally(() => process.umask(before))
    chmodSync(path, 0o660)
  } catch (error) {
    throw new DeskvisorError('socket-unusable', `${path} cannot be listened on: ${sentenceOf(error)}.`)
  }
  return { activated: false, name: path, remove: () => rmSync(path, { force: true }) }
}

/** sd_listen_fds(3): the variables are meant for us only when they name this process; no child shall see them. */
function handedOver(): boolean {
  const { LISTEN_PID, LISTEN_FDS } = process.env
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete process.env[name]
  return LISTEN_PID === String(process.pid) && Number(LISTEN_FDS) >= 1
}

function listening(server: Server, options: ListenOptions & { fd?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
