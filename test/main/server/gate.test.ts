import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { createServer } from 'node:net'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import WebSocket from 'ws'
import { listen } from '../../../src/main/server/listen.ts'
import type { Listener } from '../../../src/main/server/listen.ts'
import { Pace } from '../../../src/main/server/pace.ts'
import type { PaceLimits } from '../../../src/main/server/socket-api.ts'
import { resolveStatic } from '../../../src/main/server/static-files.ts'
import { makePlace, openCore } from '../support.ts'

const page = '<!doctype html><title>Atelier</title>'
let listener: Listener

/** A served core whose page is a folder with a secret beside it and a link that leads out. */
async function serve(pace?: PaceLimits) {
  const place = makePlace()
  const root = path.join(place.directory, 'renderer')
  mkdirSync(path.join(root, 'assets'), { recursive: true })
  mkdirSync(`${root}-secret`)
  writeFileSync(path.join(root, 'index.html'), page)
  writeFileSync(path.join(root, 'assets', 'index-B3xK9_aZ.js'), 'export {}')
  writeFileSync(path.join(`${root}-secret`, 'key.txt'), 'secret')
  writeFileSync(path.join(place.directory, 'secret.txt'), 'secret')
  symlinkSync(path.join(place.directory, 'secret.txt'), path.join(root, 'link.txt'))
  const core = await openCore(place)
  listener = await listen({
    host: '127.0.0.1',
    port: 0,
    page: root,
    core: Promise.resolve(core),
    ...(pace && { pace }),
  })
  onTestFinished(() => listener.close())
  return { root, core }
}

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request with its path as it is, which a URL would have tidied. */
function ask(pathname: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: listener.port, path: pathname, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** How opening a WebSocket ends: 'open', the HTTP status of its refusal, or the code it is closed with. */
function knock(protocols: string[], headers: Record<string, string> = {}, pathname = '/api'): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${listener.port}${pathname}`, protocols, { headers })
    let wait: NodeJS.Timeout
    // A wrong token is told after the opening, the only way a page can be told anything.
    socket.on('open', () => (wait = setTimeout(() => resolve('open'), 150)))
    socket.on('close', (code) => {
      clearTimeout(wait)
      resolve(String(code))
    })
    socket.on('unexpected-response', (_request, response) => resolve(`HTTP ${response.statusCode}`))
    socket.on('error', () => {})
    onTestFinished(() => socket.terminate())
  })
}

it('serves the page with a strict policy, and what has a hash in its name for ever', async () => {
  await serve()
  const { status, headers, body } = await ask('/')
  expect(status).toBe(200)
  expect(body).toBe(page)
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(headers['cache-control']).toBe('no-cache')
  const policy = headers['content-security-policy'] as string
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/https:|\*|unsafe-eval|script-src[^;]*unsafe/)
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-resource-policy': 'same-origin',
  })
  const asset = await ask('/assets/index-B3xK9_aZ.js')
  expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(asset.headers['cache-control']).toContain('immutable')
  expect((await ask('/', {}, 'HEAD')).body).toBe('')
})

it('gives out nothing that lies outside the page, by whatever path', async () => {
  const { root } = await serve()
  for (const pathname of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..\\secret.txt',
    '/%5c..%5csecret.txt',
    '/../renderer-secret/key.txt',
    '/link.txt',
    '//etc/passwd',
    '/etc/passwd',
    '/index.html%00.js',
    '/%zz',
    '/assets',
    '/assets/',
    '/missing.html',
  ]) {
    const { status, body } = await ask(pathname)
    expect([pathname, status]).toEqual([pathname, 404])
    expect(body).not.toContain('secret')
    expect(body).not.toContain(root)
  }
  expect(await resolveStatic(root, '/../renderer-secret/key.txt')).toBeNull()
})

it('does nothing but GET and HEAD', async () => {
  await serve()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await ask('/', {}, method)).status).toBe(405)
})

it('refuses a name that was rebound to loopback, and pages from elsewhere', async () => {
  await serve()
  for (const host of [
    'evil.example',
    `evil.example:${listener.port}`,
    '127.0.0.1',
    '127.0.0.1:1',
    '127.0.0.1.evil.example',
  ])
    expect((await ask('/', { Host: host })).status).toBe(403)
  for (const host of ['localhost', '127.0.0.1', '[::1]'])
    expect((await ask('/', { Host: `${host}:${listener.port}` })).status).toBe(200)
  for (const Origin of ['http://evil.example', 'null', `https://127.0.0.1:${listener.port}`, 'http://127.0.0.1:1'])
    expect((await ask('/', { Origin })).status).toBe(403)
})

it('opens a WebSocket only for the token, our Host, our Origin, and /api', async () => {
  await serve()
  const right = [`atelier.${listener.token}`]
  const origin = `http://127.0.0.1:${listener.port}`
  expect(await knock(right)).toBe('open')
  expect(await knock(right, { Origin: origin })).toBe('open')
  expect(await knock([])).toBe('4401')
  expect(await knock(['atelier.'])).toBe('4401')
  expect(await knock([`atelier.${listener.token}x`])).toBe('4401')
  expect(await knock([listener.token])).toBe('4401')
  expect(await knock(['atelier.wrong', ...right])).toBe('4401')
  expect(await knock(right, { Origin: 'http://evil.example' })).toBe('HTTP 403')
  expect(await knock(right, { Origin: 'null' })).toBe('HTTP 403')
  expect(await knock(right, { Host: 'evil.example' })).toBe('HTTP 403')
  expect(await knock(right, {}, '/elsewhere')).toBe('HTTP 404')
})

it('listens on loopback alone', async () => {
  await serve()
  const { networkInterfaces } = await import('node:os')
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (!outside) return
  const socket = connect({ host: outside.address, port: listener.port })
  const outcome = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('connected'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!))
  })
  socket.destroy()
  expect(outcome).toBe('ECONNREFUSED')
})

it.each([
  ['nothing', '', 1007],
  ['no JSON', 'x', 1007],
  ['no message', '{}', 1007],
  ['an array', '[1,2]', 1007],
  ['no payload', '{"i":"1"}', 1007],
  ['an address for a path', '{"i":"1","p":{"u":"http://elsewhere/"}}', 1007],
  [
    'headers that make a form of the body',
    '{"i":"1","p":{"u":"/runs/list","h":{"Content-Type":"multipart/form-data"}}}',
    1007,
  ],
  ['headers that make a file of it', '{"i":"1","p":{"u":"/runs/list","h":{"content-disposition":"x"}}}', 1007],
  ['headers that are none', '{"i":"1","p":{"u":"/runs/list","h":{"content-type":5}}}', 1007],
  ['a method that is none', '{"i":"1","p":{"u":"/runs/list","m":7}}', 1007],
  ['bytes', Buffer.alloc(100, 255), 1007],
  ['three megabytes', 'x'.repeat(3 << 20), 1009],
])('hangs up on %s instead of a message, and serves on', async (_, garbage, expected) => {
  const { core } = await serve()
  const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/api`, [`atelier.${listener.token}`])
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(garbage)
  expect(await new Promise<number>((resolve) => socket.once('close', resolve))).toBe(expected)
  expect(await knock([`atelier.${listener.token}`])).toBe('open')
  expect(core.library.runs()).toEqual([])
})

/** Sends messages and takes down their answers: by id, the whole message. */
async function answers(messages: Record<string, unknown>[], howMany = messages.length) {
  const socket = new WebSocket(`ws://127.0.0.1:${listener.port}/api`, [`atelier.${listener.token}`])
  onTestFinished(() => socket.terminate())
  await new Promise((resolve) => socket.once('open', resolve))
  const found: { i: string; p: { s?: number; b: { json: Record<string, unknown> } } }[] = []
  const all = new Promise<void>((resolve) =>
    socket.on('message', (data: Buffer) => {
      found.push(JSON.parse(data.toString('utf8')))
      if (found.length === howMany) resolve()
    }),
  )
  messages.forEach((message, i) => socket.send(JSON.stringify({ i: String(i), ...message })))
  await all
  return found
}

it('names a call that there is not as the API names its other errors', async () => {
  await serve()
  for (const u of [
    '/runs/fly',
    '/',
    '/__proto__',
    '/runs',
    '/constructor/constructor',
    '/RUNS/LIST',
    '/runs/list/~orpc',
  ])
    expect((await answers([{ p: { u, b: { json: {} } } }]))[0]!.p).toMatchObject({
      s: 404,
      b: { json: { code: 'NOT_FOUND', message: expect.stringContaining('has no such call') } },
    })
})

it('takes no input for what it is not: nothing reaches the prototype of all objects', async () => {
  await serve()
  const polluting = [
    { json: JSON.parse('{"id":"x","__proto__":{"polluted":1}}') as object },
    { json: { id: 'x' }, meta: [[1, '__proto__', 'polluted']] },
    { json: { id: 'x' }, meta: [[1, 'constructor', 'prototype', 'polluted']] },
    { json: { id: 'x' }, meta: 'x' },
    { json: { id: 'x' }, meta: [[5, 'id']] },
  ]
  const found = await answers(polluting.map((b) => ({ p: { u: '/runs/get', b } })))
  expect(found.map(({ p }) => p.b.json.code)).toEqual(expect.arrayContaining(['NOT_FOUND']))
  for (const { p } of found) expect(['NOT_FOUND', 'BAD_INPUT', 'BAD_REQUEST']).toContain(p.b.json.code)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

it('slows down who sends too fast, and answers others meanwhile', async () => {
  const flood = () => answers(Array.from({ length: 2600 }, () => ({ p: { u: `/runs/${'fly'.repeat(100)}` } })))
  // So slow that it can't be over in the time of this test, on whatever machine.
  await serve({ perSecond: 0.001, atOnce: 10 })
  let isOver = false
  void flood().then(() => (isOver = true))
  expect(await answers([{ p: { u: '/runs/list' } }])).toHaveLength(1)
  // In the time that the same takes one who may send as fast as he likes, begun later.
  await serve({ perSecond: 1e6, atOnce: 1e6 })
  expect(await flood()).toHaveLength(2600)
  expect(isOver).toBe(false)
})

it('answers all of who sends too fast', async () => {
  await serve()
  const flood = await answers(Array.from({ length: 2600 }, () => ({ p: { u: '/runs/fly' } })))
  expect(new Set(flood.map(({ i }) => i)).size).toBe(2600)
})

it('paces a connection by a bucket that fills up again', () => {
  const pace = new Pace(10, 3, 0)
  expect([0, 0, 0, 0, 0].map((now) => pace.take(now))).toEqual([0, 0, 0, 100, 200])
  expect(pace.take(10_000)).toBe(0)
  expect([0, 0, 0].map(() => pace.take(10_000))).toEqual([0, 0, 100])
})

it('says so when the port asked for is taken, and takes the next when none was', async () => {
  const { core } = await serve()
  const options = { host: '127.0.0.1', page: null, core: Promise.resolve(core) }
  await expect(listen({ ...options, port: listener.port })).rejects.toThrow(`Port ${listener.port} is in use.`)
  const blocker = createServer()
  const isFree = await new Promise<boolean>((resolve) => {
    blocker.once('error', () => resolve(false))
    blocker.listen({ host: '127.0.0.1', port: 4747, exclusive: true }, () => resolve(true))
  })
  onTestFinished(() => void blocker.close())
  const other = await listen({ ...options, port: null })
  onTestFinished(() => other.close())
  expect(isFree ? other.port : 4748).not.toBe(4747)
})
