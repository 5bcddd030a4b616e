import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  APP_PRIVILEGES,
  CONTENT_SECURITY_POLICY,
  appProtocol,
  assetPath,
  isInside,
} from '../../../src/main/desktop/protocol.ts'

let base: string
let root: string
let answer: ReturnType<typeof appProtocol>

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'atelier-protocol-'))
  root = join(base, 'renderer')
  mkdirSync(join(root, 'assets'), { recursive: true })
  mkdirSync(join(base, 'renderer-evil'))
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>Atelier</title>')
  writeFileSync(join(root, 'assets', 'main-abc.js'), 'export {}')
  writeFileSync(join(root, 'ä b.svg'), '<svg/>')
  writeFileSync(join(base, 'secret.txt'), 'secret')
  writeFileSync(join(base, 'renderer-evil', 'evil.js'), 'secret')
  symlinkSync(join(base, 'secret.txt'), join(root, 'link.txt'))
  symlinkSync(join(base, 'renderer-evil'), join(root, 'linked'))
  answer = appProtocol(root)
})
afterAll(() => rmSync(base, { recursive: true }))

const get = (path: string, method = 'GET') => answer({ url: `app://atelier${path}`, method })

describe('what is served', () => {
  it('gives files their type, their length and their bytes', async () => {
    const response = await get('/assets/main-abc.js')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(response.headers.get('content-length')).toBe('9')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(await response.text()).toBe('export {}')
  })
  it('gives index.html for the folder, never kept stale', async () => {
    const response = await get('/')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toContain('<title>Atelier')
  })
  it('decodes a path once', async () => {
    expect((await get('/%C3%A4%20b.svg')).headers.get('content-type')).toBe('image/svg+xml')
  })
  it('answers HEAD without a body', async () => {
    const response = await get('/index.html', 'HEAD')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-length')).toBe('37')
    expect(await response.text()).toBe('')
  })
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    expect((await get('/index.html', method)).status).toBe(405)
  })
  it('says 404 for what is not there, and nothing of the machine', async () => {
    const response = await get('/assets/none.js')
    expect(response.status).toBe(404)
    expect(await response.text()).not.toContain(base)
  })
})

describe('the hole: reading files of the machine through the protocol', () => {
  const escapes = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/%252e%252e/secret.txt',
    '/../renderer-evil/evil.js',
    '/..%2frenderer-evil/evil.js',
    '/index.html%00.js',
    '/%00',
    '/C:/secret.txt',
    '/index.html:stream',
    '//etc/passwd',
    '/%2fetc/passwd',
    '/%zz',
  ]
  it.each(escapes)('%s is not served', async (path) => {
    const response = await get(path)
    expect([400, 404]).toContain(response.status)
    expect(await response.text()).not.toContain('secret')
  })
  it('does not follow a link out of the folder', async () => {
    expect((await get('/link.txt')).status).toBe(404)
    expect((await get('/linked/evil.js')).status).toBe(404)
  })
  it('serves no other host and no other scheme', () => {
    expect(assetPath(root, 'app://atelier/index.html')).toBe(join(root, 'index.html'))
    for (const url of [
      'app://other/index.html',
      'app://atelier.evil/index.html',
      'app://atelier:80/index.html',
      'app://user@atelier/index.html',
      'file:///index.html',
      'https://atelier/index.html',
      'app:index.html',
      '',
    ])
      expect(assetPath(root, url), url).toBeNull()
  })
  it('knows a sibling whose name begins alike, and a folder that begins with dots', () => {
    expect(isInside('/srv/renderer', '/srv/renderer-evil/a.js')).toBe(false)
    expect(isInside('/srv/renderer', '/srv')).toBe(false)
    expect(isInside('/srv/renderer', '/srv/renderer/..hidden/a.js')).toBe(true)
    expect(isInside('/srv/renderer', '/srv/renderer/a.js')).toBe(true)
  })
})

describe('the hole: markup that a run, a note or a file name brings along becomes a script', () => {
  it('every answer, errors too, carries the policy', async () => {
    for (const response of [
      await get('/index.html'),
      await get('/none.js'),
      await get('/%00'),
      await get('/', 'POST'),
    ]) {
      expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
  it('lets scripts come from the page itself alone, and everything unnamed from nowhere', () => {
    const policy = new Map(
      CONTENT_SECURITY_POLICY.split('; ').map((directive) => {
        const [name, ...sources] = directive.split(' ')
        return [name, sources.join(' ')]
      }),
    )
    expect(policy.get('script-src')).toBe("'self'")
    expect(policy.get('default-src')).toBe("'none'")
    expect(policy.get('connect-src')).toBe("'self'")
    for (const name of ['object-src', 'frame-src', 'frame-ancestors', 'base-uri', 'form-action'])
      expect(policy.get(name), name).toBe("'none'")
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe-eval|https?:|\*/)
  })
  it('the scheme may not pass over a policy nor keep service workers', () => {
    expect(APP_PRIVILEGES.privileges).toEqual({ standard: true, secure: true, supportFetchAPI: true, codeCache: true })
  })
})
