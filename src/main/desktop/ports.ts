import type { SupportedMessagePort } from '@orpc/client/message-port'
import { z } from 'zod'

/**
 * Fits Electron's MessagePortMain to oRPC's message-port handler, and stands between the two: what comes from the page is
 * checked before oRPC decodes it, because a message that it cannot decode would be an unhandled rejection in the
 * main process, and the caller would wait for ever.
 */
export interface PortMain {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(message: unknown): void
  start(): void
  close(): void
}

/** Notes of 100,000 characters, each escaped, and room to spare. */
export const MAX_MESSAGE = 4 << 20

const header = z.union([z.string(), z.array(z.string())])
const messageId = z.union([z.string(), z.number()])
const Request = z.object({
  i: messageId,
  t: z.literal(1).optional(),
  p: z.object({
    u: z.string().regex(/^\/(?!\/)/),
    m: z.string().optional(),
    h: z.record(z.string(), header).optional(),
    b: z.unknown(),
  }),
})
const EventMessage = z.object({
  i: messageId,
  t: z.literal(3),
  p: z.object({ e: z.enum(['message', 'error', 'done']) }),
})
const AbortMessage = z.object({ i: messageId, t: z.literal(4) })
const Message = z.union([Request, EventMessage, AbortMessage])

/** Why a message of the page is not one of oRPC's, or null when it is. */
export function messageFault(data: unknown): string | null {
  // No procedure of the contract takes files, so requests are always text.
  if (typeof data !== 'string') return `a message of type ${typeof data}; expected text`
  if (data.length > MAX_MESSAGE) return `a message of ${data.length} characters; expected at most ${MAX_MESSAGE}`
  let json: unknown
  try {
    json = JSON.parse(data)
  } catch {
    return 'a message that is not JSON'
  }
  const parsed = Message.safeParse(json)
  if (!parsed.success) return 'a message that is not a request of the API'
  const headers = 'p' in parsed.data && 'h' in parsed.data.p ? parsed.data.p.h : undefined
  if (
    headers &&
    Object.keys(headers).some((name) => /^content-(type|disposition)$/i.test(name) && isFile(headers[name]))
  )
    return 'a message that carries a file'
  return null
}

const isFile = (value: string | string[] | undefined) => !/^(text\/event-stream|application\/json)/.test(String(value))

/** Takes over a port; oRPC's `RPCHandler.upgrade(port, { context })` is one. */
export type PortUpgrade = (port: SupportedMessagePort) => void

/**
 * Serves a port until either side closes it. The port is closed, and with it every call that waits on it is
 * rejected, when the page sends what is not a request.
 * @param onFault Told what was wrong with the message.
 * @returns Closes the port from this side.
 */
export function servePort(port: PortMain, upgrade: PortUpgrade, onFault: (fault: string) => void): () => void {
  const listeners = { message: [] as ((event?: { data: unknown }) => void)[], close: [] as (() => void)[] }
  let open = true
  const shut = () => {
    if (!open) return
    open = false
    port.close()
    for (const listener of listeners.close) listener()
  }
  port.on('message', ({ data }) => {
    if (!open) return
    const fault = messageFault(data)
    if (fault !== null) {
      onFault(fault)
      shut()
      return
    }
    for (const listener of listeners.message) listener({ data })
  })
  port.on('close', shut)
  upgrade({
    on(event: string, listener: (event?: { data: unknown }) => void) {
      if (event === 'message') listeners.message.push(listener)
      else if (event === 'close') listeners.close.push(listener)
    },
    postMessage(data: unknown) {
      // An answer that comes after the window has gone has nobody to go to.
      if (open) port.postMessage(data)
    },
  })
  port.start()
  return shut
}
