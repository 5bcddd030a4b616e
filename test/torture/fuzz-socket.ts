import { once } from 'node:events'
import WebSocket from 'ws'

/** An answer of the API as it came over the wire. */
export interface Answer {
  id: string
  status: number
  /** Of an error. */
  code: string | null
  text: string
}

/** A connection that takes down the first answer to each call. */
export class FuzzSocket {
  readonly answers = new Map<string, Answer>()
  readonly socket: WebSocket
  /** Resolves to the code that the connection was closed with. */
  readonly closed: Promise<number>
  private wake = () => {}

  private constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary: boolean) => this.take(data, isBinary))
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.once('close', (code: number) => {
        resolve(code)
        this.wake()
      })
    })
  }

  static async open(url: string, protocol: string): Promise<FuzzSocket> {
    const socket = new WebSocket(url, protocol)
    const opened = new FuzzSocket(socket)
    await once(socket, 'open')
    return opened
  }

  private take(data: Buffer, isBinary: boolean): void {
    // A file comes behind its message, after a byte that UTF-8 never has.
    const end = isBinary ? data.indexOf(255) : -1
    const text = data.subarray(0, end < 0 ? data.length : end).toString('utf8')
    const { i, t, p } = JSON.parse(text) as { i: string; t?: number; p?: { s?: number; b?: unknown } }
    // Events of a watch come after its answer.
    if (t !== undefined && t !== 2) return
    const status = p?.s ?? 200
    const error = (p?.b as { json?: { code?: unknown } } | undefined)?.json
    const code = status >= 400 ? (typeof error?.code === 'string' ? error.code : '(none)') : null
    this.answers.set(i, { id: i, status, code, text: status >= 400 ? text : '' })
    this.wake()
  }

  /** Waits until calls are answered. @throws Error naming those that weren't, or when the connection closes */
  async answered(ids: readonly string[], timeout: number): Promise<void> {
    const end = Date.now() + timeout
    for (;;) {
      const missing = ids.filter((id) => !this.answers.has(id))
      if (missing.length === 0) return
      if (this.socket.readyState !== WebSocket.OPEN)
        throw new Error(`The connection closed before ${missing.join(', ')}.`)
      if (Date.now() > end) throw new Error(`No answer within ${timeout} ms to ${missing.join(', ')}.`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}
