import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { download } from '../../../src/ml/datasets/download.ts'
import { prepareKnown } from '../../../src/ml/datasets/prepare-known.ts'
import { smallSet, temporaryFolder } from './support.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A web server on this machine; returns its address and the requests it gets. */
async function serve(handler: Handler) {
  const requests: { url: string; range: string | undefined }[] = []
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', range: request.headers.range })
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests }
}

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) & 255))
const sha256 = createHash('sha256').update(bytes).digest('hex')

/** Answers like a file server, with ranges. */
const file =
  (body: Buffer): Handler =>
  (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? NaN)
    if (Number.isNaN(start)) return void response.writeHead(200, { 'content-length': body.length }).end(body)
    const headers = {
      'content-length': body.length - start,
      'content-range': `bytes ${start}-${body.length - 1}/${body.length}`,
    }
    response.writeHead(206, headers).end(body.subarray(start))
  }

async function downloading(urls: string[], more: Partial<Parameters<typeof download>[0]> = {}) {
  const folder = await temporaryFolder()
  const target = path.join(folder, 'file.gz')
  const told: number[] = []
  const onBytes = (n: number) => told.push(n)
  const options = { urls, target, bytes: bytes.length, sha256, pauseMs: 1, onBytes, ...more }
  return { target, folder, told, result: download(options) }
}

test('a file is downloaded, with progress', async () => {
  const { url } = await serve(file(bytes))
  const { target, told, result, folder } = await downloading([url])
  await result
  expect((await readFile(target)).equals(bytes)).toBe(true)
  expect(told.at(-1)).toBe(bytes.length)
  expect(told).toEqual(told.toSorted((a, b) => a - b))
  expect(await readdir(folder)).toEqual(['file.gz'])
})

test('a broken connection is taken up where it ended', async () => {
  const { url, requests } = await serve((request, response) => {
    if (request.headers.range) return file(bytes)(request, response)
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 200_000), () => setTimeout(() => response.destroy(), 50))
  })
  const { target, result } = await downloading([url])
  await result
  expect((await readFile(target)).equals(bytes)).toBe(true)
  expect(requests.map(({ range }) => range)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/) as string])
})

test('what an earlier process has got is gone on with', async () => {
  const { url, requests } = await serve(file(bytes))
  const folder = await temporaryFolder()
  const target = path.join(folder, 'file.gz')
  await writeFile(`${target}.part`, bytes.subarray(0, 123_456))
  await download({ urls: [url], target, bytes: bytes.length, sha256 })
  expect((await readFile(target)).equals(bytes)).toBe(true)
  expect(requests).toEqual([{ url: '/', range: 'bytes=123456-' }])
})

test('a server without ranges, or a beginning of something else, means starting again', async () => {
  const plain = await serve((_, response) => void response.writeHead(200).end(bytes))
  const folder = await temporaryFolder()
  const target = path.join(folder, 'file.gz')
  await writeFile(`${target}.part`, bytes.subarray(0, 1000))
  await download({ urls: [plain.url], target, bytes: bytes.length, sha256 })
  expect((await readFile(target)).equals(bytes)).toBe(true)

  const ranged = await serve(file(bytes))
  const other = path.join(folder, 'other.gz')
  await writeFile(`${other}.part`, Buffer.alloc(1000))
  await download({ urls: [ranged.url], target: other, bytes: bytes.length, sha256, pauseMs: 1 })
  expect((await readFile(other)).equals(bytes)).toBe(true)
  expect(ranged.requests.map(({ range }) => range)).toEqual(['bytes=1000-', undefined])
})

test('another part than asked for is not taken', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(206, { 'content-range': `bytes 0-9/${bytes.length}` }).end(bytes.subarray(0, 10))
  })
  const { target, result } = await downloading([url])
  await expect(result).rejects.toThrow('the server sent another part of the file')
  expect(existsSync(target)).toBe(false)
})

test('altered content is refused by its checksum and not kept', async () => {
  const altered = Buffer.from(bytes)
  altered[1000]! ^= 1
  const { url } = await serve(file(altered))
  const { result, folder } = await downloading([url])
  await expect(result).rejects.toThrow('what came has another checksum than the published file')
  expect(await readdir(folder)).toEqual([])
})

test('more than the file holds is not stored', async () => {
  const { url, requests } = await serve((_, response) => {
    response.writeHead(200)
    const more = () => response.write(bytes, () => !response.destroyed && more())
    more()
  })
  const { result } = await downloading([url])
  await expect(result).rejects.toThrow('the server sent more than the file holds')
  expect(requests).toHaveLength(1)
})

test('a server that falls silent is given up', async () => {
  const { url } = await serve((_, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 10))
  })
  const { result } = await downloading([url], { stallMs: 100, attempts: 1 })
  await expect(result).rejects.toThrow('nothing came for 0 s')
})

test('the next address is tried, and each failure told', async () => {
  const missing = await serve((_, response) => void response.writeHead(404).end())
  const good = await serve(file(bytes))
  const first = await downloading([missing.url, good.url])
  await first.result
  expect((await readFile(first.target)).equals(bytes)).toBe(true)

  const second = await downloading([missing.url, 'http://127.0.0.1:9/'])
  await expect(second.result).rejects.toThrow(/127\.0\.0\.1:\d+: the server answered 404.*127\.0\.0\.1:9: /)
  expect(missing.requests).toHaveLength(2)
})

test('a download can be cancelled', async () => {
  const { url } = await serve((_, response) => void response.writeHead(200).write(bytes.subarray(0, 10)))
  const abort = new AbortController()
  const { result } = await downloading([url], { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('no more')), 50)
  await expect(result).rejects.toThrow('no more')
})

test('a set is prepared from its download, and the downloaded files removed', async () => {
  const { set, files } = smallSet()
  const { url, requests } = await serve((request, response) => {
    const body = files.get(path.basename(request.url ?? ''))
    if (!body) return void response.writeHead(404).end()
    file(body)(request, response)
  })
  const cache = await temporaryFolder()
  const fractions: number[] = []
  const manifest = await prepareKnown(
    cache,
    { ...set, urls: [`${url}data/`] },
    { onProgress: ({ fraction }) => fraction !== null && fractions.push(fraction) },
  )
  expect(manifest.train.count).toBe(3)
  expect(requests.map((request) => request.url)).toContain('/data/t10k-labels-idx1-ubyte.gz')
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(await readdir(path.join(cache, 'datasets'))).toEqual(['small'])
})

test('without a network, the other ways are told', async () => {
  const { set } = smallSet()
  const cache = await temporaryFolder()
  const offline = { ...set, urls: ['http://127.0.0.1:9/'] }
  await expect(prepareKnown(cache, offline, { limits: { pauseMs: 1 } })).rejects.toMatchObject({
    message: expect.stringContaining('Small could not be downloaded. The download failed (127.0.0.1:9: ') as string,
    hint: 'Name a folder.',
    badInput: false,
  })
  expect(existsSync(path.join(cache, 'datasets', 'small'))).toBe(false)
})

test('a mirror that is no web address is refused', async () => {
  const cache = await temporaryFolder()
  await expect(prepareKnown(cache, smallSet().set, { mirror: 'file:///etc/' })).rejects.toThrow(
    'is not an address on the web',
  )
})
