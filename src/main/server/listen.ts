import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Core } from '../core.ts'
import { isOurHost, isOurOrigin, isToken, offeredProtocol } from './gate.ts'
import type { PaceLimits, SocketApi } from './socket-api.ts'
import { securityHeaders, serveStatic } from './static-files.ts'

export const DEFAULT_PORT = 4747
/** The default port and so many after it are tried before the system is asked for any. */
const PORTS_TRIED = 20

export interface ListenOptions {
  host: string
  /** Null: the default one, or the next that is free. 0: any that is free. */
  port: number | null
  /** The built window; null serves the API alone. */
  page: string | null
  /** The core, which may still be opening: the page is served meanwhile. */
  core: Promise<Core>
  /** How fast a connection may send; by default faster than any window does. */
  pace?: PaceLimits
}

export interface Listener {
  readonly host: string
  readonly port: number
  readonly token: string
  close(): Promise<void>
}

/** The port asked for is taken. */
export class PortInUseError extends Error {
  constructor(port: number) {
    super(`Port ${port} is in use. Choose another with --port, or leave --port out to get a free one.`)
    this.name = 'PortInUseError'
  }
}

/**
 * Serves the window and the API on loopback. Everything but the page's files needs the token.
 * @throws PortInUseError when a port was asked for and is taken.
 */
export async function listen({ host, port, page, core, pace }: ListenOptions): Promise<Listener> {
  const token = randomBytes(32).toString('base64url')
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 10_000 })
  const bound = await bind(server, host, port)
  let api: Promise<SocketApi> | null = null

  server.on('request', (request, response) => void answer(request, response, bound, page))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const refusal = refusalOf(request, bound)
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    const mayEnter = isToken(offeredProtocol(request), token)
    api ??= import('./socket-api.ts').then(({ socketApi }) => socketApi(core, pace))
    api.then(
      (opened) => opened.accept(request, socket, head, mayEnter),
      () => socket.destroy(),
    )
  })

  return {
    host,
    port: bound,
    token,
    async close() {
      const opened = await api
      opened?.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

function refusalOf(request: IncomingMessage, port: number): string | null {
  if (!isOurHost(request, port) || !isOurOrigin(request, port)) return '403 Forbidden'
  if (pathOf(request) !== '/api') return '404 Not Found'
  return null
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split(/[?#]/, 1)[0]!

async function answer(request: IncomingMessage, response: ServerResponse, port: number, page: string | null) {
  const say = (status: number, text: string) =>
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`)
  try {
    if (!isOurHost(request, port)) return say(403, 'This address is not one of Atelier.')
    for (const [name, value] of Object.entries(securityHeaders(request.headers.host!))) response.setHeader(name, value)
    if (!isOurOrigin(request, port)) return say(403, 'Atelier answers only to its own page.')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      return say(405, 'Only GET and HEAD are answered here.')
    }
    const pathname = pathOf(request)
    if (pathname === '/api') return say(404, 'The API speaks WebSocket.')
    if (page === null) return say(404, 'This core serves no window. Run `npm run build`, then start it again.')
    await serveStatic(page, pathname, request, response)
  } catch (error) {
    console.error(error)
    if (response.headersSent) response.destroy()
    else say(500, 'Something went wrong inside Atelier.')
  }
}

/** Binds to the port asked for, or to the first free one. */
async function bind(server: Server, host: string, port: number | null): Promise<number> {
  const ports = port === null ? [...Array.from({ length: PORTS_TRIED }, (_, i) => DEFAULT_PORT + i), 0] : [port]
  for (const candidate of ports) {
    const failure = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
      server.once('error', resolve)
      server.listen({ host, port: candidate, exclusive: true }, () => {
        server.off('error', resolve)
        resolve(null)
      })
    })
    if (!failure) return (server.address() as AddressInfo).port
    if (failure.code === 'EACCES') throw new PortInUseError(candidate)
    if (failure.code !== 'EADDRINUSE') throw failure
  }
  throw new PortInUseError(port!)
}
