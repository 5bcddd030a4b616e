import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import type { Core } from '../core.ts'

/** What the page is told when its token is not ours; the browser hides from it why an upgrade was refused. */
const UNAUTHORISED = 4401
const GOING_AWAY = 1001
/** The largest input is a selection of ten thousand runs. */
const MAX_MESSAGE_BYTES = 2 << 20
const MAX_SOCKETS = 100

export interface SocketApi {
  /** Takes over a connection that asked to be upgraded; without the right token only to say so. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, mayEnter: boolean): void
  close(): void
}

/** The API of a core over WebSockets. */
export async function socketApi(opening: Promise<Core>): Promise<SocketApi> {
  const handler = opening.then((core) => new RPCHandler(core.router))
  handler.catch(() => {})
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })

  async function serve(socket: WebSocket): Promise<void> {
    // The peer waits for each send: so a page that reads slowly is told less often, not from an ever longer queue.
    const paced = {
      send: (data: string | ArrayBufferLike | Uint8Array) =>
        new Promise<void>((resolve) => socket.send(data, () => resolve())),
      addEventListener: socket.addEventListener.bind(socket),
    }
    // Nothing may arrive before somebody listens.
    socket.pause()
    await (await handler).upgrade(paced as unknown as WebSocket)
    socket.resume()
  }

  return {
    accept(request, socket, head, mayEnter) {
      if (server.clients.size >= MAX_SOCKETS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
        return
      }
      server.handleUpgrade(request, socket, head, (opened) => {
        opened.on('error', () => opened.terminate())
        if (!mayEnter) opened.close(UNAUTHORISED, 'unknown token')
        else serve(opened).catch(() => opened.close(GOING_AWAY, 'the library could not be opened'))
      })
    },
    close() {
      for (const client of server.clients) {
        client.close(GOING_AWAY, 'Atelier has ended')
        setTimeout(() => client.terminate(), 500).unref()
      }
      server.close()
    },
  }
}
