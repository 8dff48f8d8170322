import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Peer, peerOf } from '../host/native.ts'

/** How many connections there may be at a time: of one process, of one user, and altogether. */
export type Limits = { process: number; user: number; total: number }

/** Every terminal, a desktop app and some scripts. No process and no user gets so many that none is left for others. */
export const defaultLimits: Limits = { process: 16, user: 48, total: 64 }

export type Connection = {
  /** Null when the kernel does not tell; then it counts for nobody in particular. */
  peer: Peer | null
  /** Whether a whole request came, and its answer is not sent yet. */
  isAsking(): boolean
}

/**
 * What a new connection costs: `goes` is another that has to go for it, `isServed` whether what is asked on it will be done.
 * `held` are those that there are, oldest first. Where a limit is reached, the oldest goes of those that ask nothing (yet),
 * and of the process that has most: who only holds connections open keeps nobody out, and what is being answered is not cut
 * off. When that is all of them, the new one is only told so.
 */
export function admission<C extends Connection>(
  held: readonly C[],
  { peer }: Pick<Connection, 'peer'>,
  limits: Limits,
): { goes?: C; isServed: boolean } {
  const scopes: [number, (other: C) => boolean][] = [
    [limits.process, (other) => isSame('pid', other.peer, peer)],
    [limits.user, (other) => isSame('uid', other.peer, peer)],
    [limits.total, () => true],
  ]
  for (const [limit, isWithin] of scopes) {
    const within = held.filter(isWithin)
    if (within.length < limit) continue
    const size = (one: C) => within.filter((other) => isSame('pid', other.peer, one.peer)).length
    const [first, ...others] = within.filter((connection) => !connection.isAsking())
    if (!first) return { isServed: false }
    return {
      goes: others.reduce((most, one) => (size(one) > size(most) ? one : most), first),
      isServed: true,
    }
  }
  return { isServed: true }
}

function isSame(what: keyof Peer, one: Peer | null, other: Peer | null): boolean {
  return one !== null && other !== null && one[what] === other[what]
}

type Held = Connection & { socket: Socket; isServed: boolean; requests: Set<IncomingMessage> }

/** Keeps the connections of a server within the limits. What is returned says whether one came when there was no room. */
export function limitConnections(server: Server, limits: Limits): (socket: Socket) => boolean {
  const held = new Map<Socket, Held>()
  server.on('connection', (socket) => {
    const peer = peerOfSocket(socket)
    const { goes, isServed } = admission([...held.values()], { peer }, limits)
    if (goes) held.delete(goes.socket)
    goes?.socket.destroy()
    const requests = new Set<IncomingMessage>()
    const isAsking = () => [...requests].some(({ complete }) => complete)
    held.set(socket, { socket, peer, isServed, requests, isAsking })
    socket.once('close', () => held.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const requests = held.get(request.socket)?.requests
    requests?.add(request)
    response.once('close', () => requests?.delete(request))
  })
  return (socket) => held.get(socket)?.isServed === false
}

function peerOfSocket(socket: Socket): Peer | null {
  // The descriptor of a connection is told in no other way (https://github.com/nodejs/node/issues/4763).
  const { fd } = (socket as { _handle?: { fd?: number } })._handle ?? {}
  try {
    return fd === undefined ? null : peerOf(fd)
  } catch {
    return null
  }
}
