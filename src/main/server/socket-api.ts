import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { Core } from '../core.ts'

/** What the page is told when its token is not ours; the browser hides from it why an upgrade was refused. */
const UNAUTHORISED = 4401
const GOING_AWAY = 1001
const NOT_A_MESSAGE = 1007
/** The largest input is a selection of ten thousand runs. */
const MAX_MESSAGE_BYTES = 2 << 20
const MAX_SOCKETS = 100

/** The frame of oRPC's messages: an id, a type, and for a request its path. */
const Message = z.union([
  z.object({ i: z.string().max(100), t: z.literal(4) }),
  z.object({ i: z.string().max(100), t: z.literal(1).optional(), p: z.object({ u: z.string().startsWith('/') }) }),
])

/** The text of a message that can be one of the API; null for anything else. No call takes files, so none is binary. */
function messageText(data: Buffer): string | null {
  const text = data.toString('utf8')
  try {
    return Message.safeParse(JSON.parse(text)).success ? text : null
  } catch {
    return null
  }
}

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
    const guarded = {
      send: (data: string | ArrayBufferLike | Uint8Array) =>
        new Promise<void>((resolve) => socket.send(data, () => resolve())),
      addEventListener: (type: 'message' | 'close', listener: (event: { data?: string }) => void) => {
        if (type === 'close') return socket.on('close', () => listener({}))
        return socket.on('message', (data, isBinary) => {
          const text = isBinary ? null : messageText(data as Buffer)
          if (text === null) socket.close(NOT_A_MESSAGE, 'not a message of the API')
          else listener({ data: text })
        })
      },
    }
    // Nothing may arrive before somebody listens.
    socket.pause()
    await (await handler).upgrade(guarded as unknown as WebSocket)
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
