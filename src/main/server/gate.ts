import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may speak to a served core. Binding to loopback keeps other machines out; other pages in the same browser are
 * kept out by the checks below: a page of a name that was rebound to 127.0.0.1 sends that name as its Host, and a
 * page from elsewhere that opens a WebSocket sends its own Origin.
 */
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]']
/** Addresses that a core may be bound to. */
export const loopbackAddresses: readonly string[] = ['127.0.0.1', '::1', 'localhost']

const PROTOCOL_PREFIX = 'atelier.'

/** Whether the Host header names this machine's loopback and our port. */
export function isOurHost(request: IncomingMessage, port: number): boolean {
  const { host } = request.headers
  return LOOPBACK_HOSTS.some((name) => host === `${name}:${port}` || (port === 80 && host === name))
}

/** Whether a request comes from our own page, or from no page at all (the CLI). */
export function isOurOrigin(request: IncomingMessage, port: number): boolean {
  const { origin, host } = request.headers
  return origin === undefined || (isOurHost(request, port) && origin === `http://${host}`)
}

/** The subprotocol that carries the token: browsers let a page set no other header of a WebSocket. */
export const tokenProtocol = (token: string): string => PROTOCOL_PREFIX + token

/** The subprotocol of ours that a WebSocket offers, or null. */
export function offeredProtocol(request: IncomingMessage): string | null {
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim())
  return offered?.find((name) => name.startsWith(PROTOCOL_PREFIX)) ?? null
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Compares in a time that tells nothing about where the two differ, nor about how long the token is. */
export const isToken = (offered: string | null, token: string): boolean =>
  offered !== null && timingSafeEqual(digest(offered), digest(tokenProtocol(token)))
