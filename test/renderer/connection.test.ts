import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { os } from '@orpc/server'
import type { RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Connection, ConnectionLost } from '../../src/renderer/connection.ts'
import { Refused } from '../../src/renderer/transport.ts'
import type { Closing, Line } from '../../src/renderer/transport.ts'

const router = {
  echo: os.handler(({ input }: { input: unknown }) => input),
  never: os.handler(() => new Promise<string>(() => {})),
  fails: os.handler(() => {
    throw new Error('inside')
  }),
}
const handler = new RPCHandler(router)

/** A real line over a real message port, to a real handler; `cut` is the other side's death. */
function makeLine(): Line & { cut(closing?: Partial<Closing>): void } {
  const { port1, port2 } = new MessageChannel()
  handler.upgrade(port2 as never)
  port2.start()
  let open = true
  let close: (closing: Closing) => void
  const closed = new Promise<Closing>((resolve) => (close = resolve))
  const link = new RPCLink({ port: port1 as never })
  port1.start()
  return {
    link,
    closed,
    get open() {
      return open
    },
    cut(closing = {}) {
      open = false
      port2.close()
      close({ message: 'The core has ended.', refused: false, ...closing })
    },
  }
}

describe('the connection to the core', () => {
  let connection: Connection
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
  afterEach(() => void vi.useRealTimers())

  const clientOf = (dial: () => Promise<Line>) => {
    connection = new Connection(dial)
    connection.start()
    return createORPCClient<RouterClient<typeof router>>(connection)
  }

  it('lets a call wait for the first line', async () => {
    let give: (line: Line) => void = () => {}
    const client = clientOf(() => new Promise((resolve) => (give = resolve)))
    const call = client.echo('hello')
    expect(connection.status.state).toBe('connecting')
    give(makeLine())
    expect(await call).toBe('hello')
    expect(connection.status.state).toBe('open')
  })

  it('rejects a call under way when the other side dies, and dials again', async () => {
    const lines = [makeLine(), makeLine()]
    const dial = vi.fn(async () => lines[dial.mock.calls.length - 1]!)
    const client = clientOf(dial)
    await client.echo(1)
    const call = client.never()
    const outcome = expect(call).rejects.toBeInstanceOf(ConnectionLost)
    await new Promise((resolve) => setImmediate(resolve))
    lines[0]!.cut()
    await outcome
    expect(connection.status).toMatchObject({ state: 'lost', message: 'The core has ended.' })
    await vi.advanceTimersByTimeAsync(300)
    expect(connection.status.state).toBe('open')
    expect(await client.echo(2)).toBe(2)
  })

  it('passes on what the core itself answers', async () => {
    const client = clientOf(async () => makeLine())
    await expect(client.fails()).rejects.not.toBeInstanceOf(ConnectionLost)
  })

  it('tells a call that waited in vain', async () => {
    const client = clientOf(async () => {
      throw new Error('The core does not answer.')
    })
    const outcome = expect(client.echo(1)).rejects.toThrow('The core does not answer.')
    await vi.advanceTimersByTimeAsync(8_100)
    await outcome
    expect(connection.status.state).toBe('lost')
  })

  it('waits longer between dials the longer it fails', async () => {
    const dial = vi.fn(async (): Promise<Line> => {
      throw new Error('no')
    })
    clientOf(dial)
    await vi.advanceTimersByTimeAsync(10_000)
    const early = dial.mock.calls.length
    await vi.advanceTimersByTimeAsync(10_000)
    expect(early).toBeGreaterThan(4)
    expect(dial.mock.calls.length - early).toBe(2)
  })

  it('does not go on dialling with a token that is refused, until it is asked to', async () => {
    const dial = vi.fn(async (): Promise<Line> => {
      throw new Refused('unknown token')
    })
    const client = clientOf(dial)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(dial).toHaveBeenCalledTimes(1)
    expect(connection.status.state).toBe('refused')
    await expect(client.echo(1)).rejects.toBeInstanceOf(ConnectionLost)
    connection.retry()
    await vi.advanceTimersByTimeAsync(1)
    expect(dial).toHaveBeenCalledTimes(2)
  })
})
