import type { ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { findToken } from './token.ts'

/** An open line to the core. `closed` resolves, with the reason, when it ends for whatever cause. */
export interface Line {
  link: ClientLink<Record<never, never>>
  /** False from the moment the line ends, before the calls under way reject. */
  readonly open: boolean
  closed: Promise<Closing>
}
export interface Closing {
  message: string
  /** The core will not take us however often we ask (a wrong or missing token). */
  refused: boolean
}
/** Opens a line. @throws Refused or Error when it cannot be opened. */
export type Dial = () => Promise<Line>

export class Refused extends Error {
  override name = 'Refused'
}

/** Close code of the core for a token that it does not know. */
const UNAUTHORISED = 4401
const DIAL_TIMEOUT = 10_000

export const inDesktop = () => window.atelier !== undefined

/**
 * The desktop's line: the page posts 'atelier:ask-port' to its own window, the preload script answers with
 * 'atelier:port' and a MessagePort to the core. Asking first means that neither side has to be ready before the other.
 */
export const dialPort: Dial = () =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      removeEventListener('message', receive)
      reject(new Error("Atelier's core did not answer."))
    }, DIAL_TIMEOUT)
    function receive(event: MessageEvent) {
      const port = event.ports[0]
      if (event.source !== window || event.data !== 'atelier:port' || !port) return
      clearTimeout(timer)
      removeEventListener('message', receive)
      let open = true
      const closed = new Promise<Closing>((done) =>
        port.addEventListener('close', () => {
          open = false
          done({ message: "Atelier's core has ended.", refused: false })
        }),
      )
      const link = new PortLink({ port })
      port.start()
      resolve({
        link,
        closed,
        get open() {
          return open
        },
      })
    }
    addEventListener('message', receive)
    postMessage('atelier:ask-port', location.origin)
  })

/** The browser's line: a WebSocket to the page's own origin, the token as its subprotocol. */
export const dialSocket: Dial = async () => {
  const token = await findToken()
  if (!token) throw new Refused('This address lacks its token.')
  return new Promise((resolve, reject) => {
    const url = new URL('/api', location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    url.hash = ''
    const socket = new WebSocket(url, [`atelier.${token}`])
    const closed = new Promise<Closing>((done) =>
      socket.addEventListener('close', (event) => {
        const refused = event.code === UNAUTHORISED
        const message = refused ? 'The core does not know the token of this address.' : 'The core does not answer.'
        reject(refused ? new Refused(message) : new Error(message))
        done({ message, refused })
      }),
    )
    const link = new SocketLink({ websocket: socket })
    const line: Line = {
      link,
      closed,
      get open() {
        return socket.readyState === WebSocket.OPEN
      },
    }
    socket.addEventListener('open', () => resolve(line), { once: true })
  })
}

export const dial: Dial = () => (inDesktop() ? dialPort() : dialSocket())
