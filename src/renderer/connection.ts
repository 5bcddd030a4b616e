import type { ClientLink, ClientOptions } from '@orpc/client'
import { reactive } from 'vue'
import { Refused } from './transport.ts'
import type { Dial, Line } from './transport.ts'

export type ConnectionState = 'connecting' | 'open' | 'lost' | 'refused'
type Context = Record<never, never>

/** A call that cannot be answered, since the line to the core is down. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost'
}

/** A call waits this long for a line before it gives up, in ms. */
const PATIENCE = 8_000
const FIRST_RETRY = 250
const LONGEST_RETRY = 5_000

/**
 * Keeps one line to the core open: dials again with back-off when it breaks. As a link of the API client it sends calls
 * over the line of the moment; a call under way when the line breaks rejects with `ConnectionLost`.
 */
export class Connection implements ClientLink<Context> {
  readonly status = reactive<{ state: ConnectionState; message: string; retries: number }>({
    state: 'connecting',
    message: '',
    retries: 0,
  })
  private readonly dial: Dial
  private line: Line | null = null
  private waiting = new Set<() => void>()
  private wake: (() => void) | null = null

  constructor(dial: Dial) {
    this.dial = dial
  }

  /** Dials, and keeps the line from then on. */
  start() {
    void this.keep()
  }

  /** Dials now instead of at the next turn of the back-off. */
  retry() {
    this.wake?.()
  }

  /** Resolves with the open line. @throws ConnectionLost after `patience` ms without one. */
  async ready(patience = PATIENCE): Promise<Line> {
    const deadline = Date.now() + patience
    while (!this.line) {
      const left = deadline - Date.now()
      if (left <= 0 || this.status.state === 'refused') throw this.lost()
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer)
          this.waiting.delete(done)
          resolve()
        }
        const timer = setTimeout(done, left)
        this.waiting.add(done)
      })
    }
    return this.line
  }

  async call(path: readonly string[], input: unknown, options: ClientOptions<Context>): Promise<unknown> {
    const line = await this.ready()
    try {
      return await line.link.call(path, input, options)
    } catch (error) {
      // The peer's own words for a closed line ("queue was closed") say nothing to a person.
      if (!line.open && !options.signal?.aborted) throw this.lost()
      throw error
    }
  }

  private lost() {
    return new ConnectionLost(`The connection to Atelier's core is down. ${this.status.message}`.trim())
  }

  private async keep() {
    for (;;) {
      try {
        const line = await this.dial()
        this.line = line
        Object.assign(this.status, { state: 'open', message: '', retries: 0 })
        this.release()
        const { message, refused } = await line.closed
        this.line = null
        Object.assign(this.status, { state: refused ? 'refused' : 'lost', message })
      } catch (error) {
        const state = error instanceof Refused ? 'refused' : this.status.retries > 1 ? 'lost' : this.status.state
        Object.assign(this.status, { state, message: (error as Error).message })
      }
      this.release()
      const delay = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.status.retries++)
      await new Promise<void>((resolve) => {
        const timer = this.status.state === 'refused' ? undefined : setTimeout(resolve, delay)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      if (this.status.state === 'refused') this.status.state = 'connecting'
    }
  }

  private release() {
    for (const done of this.waiting) done()
  }
}
