import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { eventIterator } from '@orpc/contract'
import { os } from '@orpc/server'
import type { RouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MAX_MESSAGE, messageFault, servePort } from '../../../src/main/desktop/ports.ts'
import { MessageChannelMain } from './electron-stand-in.ts'

const aborted = { count: 0 }
const router = {
  echo: os.input(z.string()).handler(({ input }) => input),
  bytes: os.handler(() => new Blob([new Uint8Array([0, 255, 7])], { type: 'image/png' })),
  refuse: os.errors({ NOT_FOUND: {} }).handler(({ errors }) => {
    throw errors.NOT_FOUND({ message: 'There is no such run.' })
  }),
  /** Answers only when its caller is gone. */
  wait: os.handler(
    ({ signal }) =>
      new Promise<void>((resolve) =>
        signal!.addEventListener('abort', () => {
          aborted.count++
          resolve()
        }),
      ),
  ),
  count: os.output(eventIterator(z.number())).handler(async function* ({ signal }) {
    for (let i = 0; !signal!.aborted; i++) {
      yield i
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }),
}

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A core's side as the shell makes it, and the page's end of the same channel. */
function connect() {
  const { port1, port2 } = new MessageChannelMain()
  const faults: string[] = []
  const handler = new RPCHandler(router)
  const close = servePort(
    port1,
    (port) => handler.upgrade(port),
    (fault) => faults.push(fault),
  )
  closers.push(close)
  const page = port2.thread
  // oRPC's browser link speaks to a DOM port; the page's end of a real one has these two.
  const link = new RPCLink({ port: page as unknown as MessagePort })
  page.start()
  const client: RouterClient<typeof router> = createORPCClient(link)
  return { client, close, page, faults, port1 }
}

const within = <T>(promise: Promise<T>, what: string) =>
  Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`${what} is still pending`)), 2000)),
  ])

describe('the API over a port', () => {
  it('answers calls, with bytes and with typed errors', async () => {
    const { client } = connect()
    expect(await client.echo('נסיון 😀 \0')).toBe('נסיון 😀 \0')
    expect([...new Uint8Array(await (await client.bytes()).arrayBuffer())]).toEqual([0, 255, 7])
    await expect(client.refuse()).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There is no such run.' })
  })
  it('loses nothing that the page sent before the port was served', async () => {
    const { port1, port2 } = new MessageChannelMain()
    const page = port2.thread
    const client: RouterClient<typeof router> = createORPCClient(new RPCLink({ port: page as unknown as MessagePort }))
    page.start()
    const early = client.echo('early')
    await new Promise((resolve) => setTimeout(resolve, 20))
    const handler = new RPCHandler(router)
    closers.push(
      servePort(
        port1,
        (port) => handler.upgrade(port),
        () => {},
      ),
    )
    expect(await within(early, 'the early call')).toBe('early')
  })
  it('streams until the page has enough', async () => {
    const { client } = connect()
    const seen: number[] = []
    for await (const n of await client.count()) {
      seen.push(n)
      if (n === 3) break
    }
    expect(seen).toEqual([0, 1, 2, 3])
  })
})

describe('when one side goes', () => {
  it("the page's pending calls and streams reject when the core closes the port", async () => {
    const { client, close } = connect()
    const pending = client.wait()
    const stream = await client.count()
    await stream.next()
    close()
    await expect(within(pending, 'the call')).rejects.toThrow(/clos|abort/i)
    await expect(
      within(
        (async () => {
          for await (const _ of stream);
        })(),
        'the stream',
      ),
    ).rejects.toThrow(/clos|abort/i)
  })
  it("the core's pending calls are aborted when the page goes", async () => {
    const { client, page } = connect()
    const before = aborted.count
    const pending = client.wait().catch(() => 'rejected')
    await client.echo('the call before has arrived')
    page.close()
    expect(await within(pending, 'the call')).toBe('rejected')
    for (let i = 0; i < 100 && aborted.count === before; i++) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(aborted.count).toBe(before + 1)
  })
  it('an answer that comes too late is dropped in silence', async () => {
    const { close, port1, page } = connect()
    page.postMessage(JSON.stringify({ i: 1, p: { u: '/echo', b: { json: 'late' } } }))
    close()
    expect(() => port1.emit('message', { data: 'x' })).not.toThrow()
    expect(() => close()).not.toThrow()
  })
})

describe('the hole: a message that oRPC cannot decode is an unhandled rejection in the main process', () => {
  const request = { i: '1', p: { u: '/echo', b: { json: 'hello' } } }
  it('knows the messages of the API', () => {
    expect(messageFault(JSON.stringify(request))).toBeNull()
    expect(messageFault(JSON.stringify({ i: 1, t: 4 }))).toBeNull()
    expect(messageFault(JSON.stringify({ i: '1', t: 3, p: { e: 'message', d: 1 } }))).toBeNull()
  })
  it.each([
    ['no text', new Uint8Array(4)],
    ['an object, which would pass by the schema of oRPC', request],
    ['nothing', undefined],
    ['no JSON', '{'],
    ['JSON null', 'null'],
    ['an array', '[]'],
    ['no id', JSON.stringify({ p: request.p })],
    ['an id that is an object', JSON.stringify({ ...request, i: {} })],
    ['an unknown type', JSON.stringify({ ...request, t: 9 })],
    ['no payload', JSON.stringify({ i: '1' })],
    ['a URL of another server', JSON.stringify({ i: '1', p: { u: 'http://evil.example/' } })],
    ['a URL without a scheme', JSON.stringify({ i: '1', p: { u: '//evil.example/' } })],
    ['headers of a wrong type', JSON.stringify({ i: '1', p: { u: '/echo', h: { a: 1 } } })],
    ['a form', JSON.stringify({ i: '1', p: { u: '/echo', h: { 'content-type': 'multipart/form-data' } } })],
    ['a file', JSON.stringify({ i: '1', p: { u: '/echo', h: { 'Content-Disposition': 'attachment; filename=a' } } })],
    ['too much', `"${'a'.repeat(MAX_MESSAGE)}"`],
  ])('%s closes the port', async (_name, data) => {
    const { client, page, faults } = connect()
    const rejections: unknown[] = []
    const note = (reason: unknown) => rejections.push(reason)
    process.on('unhandledRejection', note)
    try {
      const pending = client.wait()
      page.postMessage(data)
      await expect(within(pending, 'the call')).rejects.toThrow(/clos|abort/i)
      expect(faults).toHaveLength(1)
      expect(rejections).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
