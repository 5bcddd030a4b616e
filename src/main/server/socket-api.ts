import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { Core } from '../core.ts'
import { Pace } from './pace.ts'

/** What the page is told when its token is not ours; the browser hides from it why an upgrade was refused. */
const UNAUTHORISED = 4401
const GOING_AWAY = 1001
const NOT_A_MESSAGE = 1007
/** The largest input is a selection of ten thousand runs. */
const MAX_MESSAGE_BYTES = 2 << 20
const MAX_SOCKETS = 100
/** How fast a connection may send; see pace.ts. */
export interface PaceLimits {
  perSecond: number
  atOnce: number
}
/** What no window and no command comes near, and one core still answers while others are served too. */
const usualPace: PaceLimits = { perSecond: 500, atOnce: 2000 }

/** Which say that a body is a file, a form or a stream; oRPC trips over ones that it isn't prepared for. */
const bodyHeaders = ['content-type', 'content-disposition']
const Headers = z
  .record(z.string(), z.string())
  .refine((headers) => Object.keys(headers).every((name) => !bodyHeaders.includes(name.toLowerCase())))
/** The frame of oRPC's messages: an id, a type, and for a request its path. No call takes anything but JSON. */
const Message = z.union([
  z.object({ i: z.string().max(100), t: z.literal(4) }),
  z.object({
    i: z.string().max(100),
    t: z.literal(1).optional(),
    p: z.object({ u: z.string().startsWith('/'), m: z.string().optional(), h: Headers.optional() }),
  }),
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

/** Reads nothing from a connection for a while: whoever sends too fast is slowed down by TCP, and loses nothing. */
function rest(socket: WebSocket, milliseconds: number): void {
  if (socket.isPaused) return
  socket.pause()
  setTimeout(() => socket.resume(), milliseconds)
}

/** Says in the form of the API's other errors that there is no such call; oRPC would answer with a bare text. */
async function nameUnknown<T extends { matched: boolean }>({ next }: { next(): Promise<T> }) {
  const result = await next()
  if (result.matched) return result
  const message = 'The API has no such call. Update the program that made it, or Atelier.'
  const json = { defined: false, code: 'NOT_FOUND', status: 404, message }
  return { matched: true as const, response: { status: 404, headers: {}, body: { json } } }
}

export interface SocketApi {
  /** Takes over a connection that asked to be upgraded; without the right token only to say so. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, mayEnter: boolean): void
  close(): void
}

/** The API of a core over WebSockets. */
export async function socketApi(opening: Promise<Core>, limits: PaceLimits = usualPace): Promise<SocketApi> {
  const handler = opening.then((core) => new RPCHandler(core.router, { rootInterceptors: [nameUnknown] }))
  handler.catch(() => {})
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })

  async function serve(socket: WebSocket): Promise<void> {
    // The peer waits for each send: so a page that reads slowly is told less often, not from an ever longer queue.
    const pace = new Pace(limits.perSecond, limits.atOnce, performance.now())
    const guarded = {
      send: (data: string | ArrayBufferLike | Uint8Array) =>
        new Promise<void>((resolve) => socket.send(data, () => resolve())),
      addEventListener: (type: 'message' | 'close', listener: (event: { data?: string }) => void) => {
        if (type === 'close') return socket.on('close', () => listener({}))
        return socket.on('message', (data, isBinary) => {
          const wait = pace.take(performance.now())
          if (wait > 0) rest(socket, wait)
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
