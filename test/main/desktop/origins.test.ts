import { describe, expect, it } from 'vitest'
import {
  LINK_HOSTS,
  developmentOrigins,
  externalLink,
  isAllowedRequest,
  isOurFrame,
  originOf,
  packagedOrigins,
} from '../../../src/main/desktop/origins.ts'

const page = { origin: 'app://atelier', url: 'app://atelier/index.html#/runs', parent: null, detached: false }
const development = developmentOrigins('http://localhost:5173/')

describe('the hole: a page that is not ours is given the port to the core', () => {
  it('the main frame of our page is ours', () => {
    expect(isOurFrame(page, packagedOrigins)).toBe(true)
    expect(isOurFrame({ ...page, origin: 'http://localhost:5173', url: 'http://localhost:5173/' }, development)).toBe(
      true,
    )
  })
  it.each([
    ['a frame that is gone', null],
    ['a detached frame', { ...page, detached: true }],
    ['a frame within our page', { ...page, parent: page }],
    ['another origin', { ...page, origin: 'https://evil.example' }],
    ['an opaque origin, as of a sandboxed frame', { ...page, origin: 'null' }],
    ['a host that begins like ours', { ...page, origin: 'app://atelier.evil', url: 'app://atelier.evil/' }],
    ['about:blank with our origin inherited', { ...page, url: 'about:blank' }],
    ['a web page', { ...page, origin: 'https://atelier', url: 'https://atelier/' }],
    [
      'the development server, in a packaged app',
      { ...page, origin: 'http://localhost:5173', url: 'http://localhost:5173/' },
    ],
  ])('%s is not', (_name, frame) => {
    expect(isOurFrame(frame, packagedOrigins)).toBe(false)
  })
  it('the development page must be on this machine', () => {
    for (const url of ['http://10.0.0.1:5173', 'https://localhost', 'http://localhost.evil.example', 'file:///x'])
      expect(() => developmentOrigins(url), url).toThrow('expected http on localhost')
  })
})

describe('the hole: the window speaks to a server', () => {
  it.each(['app://atelier/assets/a.js', 'blob:app://atelier/0b7e', 'data:image/png;base64,AAAA'])('%s passes', (url) =>
    expect(isAllowedRequest(url, packagedOrigins)).toBe(true),
  )
  it.each([
    'https://example.org/',
    'http://localhost:5173/',
    'ws://localhost:5173/',
    'wss://example.org/',
    'file:///etc/passwd',
    'app://other/a.js',
    'blob:https://example.org/0b7e',
    'devtools://devtools/bundled/inspector.html',
    'chrome-extension://abc/a.js',
    'ftp://example.org/',
    'not a url',
  ])('%s does not', (url) => expect(isAllowedRequest(url, packagedOrigins)).toBe(false))
  it('in development Vite and the developer tools do, and nothing else', () => {
    for (const url of [
      'http://localhost:5173/a.ts',
      'ws://localhost:5173/?token=x',
      'devtools://devtools/bundled/i.html',
    ])
      expect(isAllowedRequest(url, development), url).toBe(true)
    for (const url of ['http://localhost:5174/', 'ws://localhost:1/', 'https://example.org/', 'app://atelier/'])
      expect(isAllowedRequest(url, development), url).toBe(false)
  })
})

describe('the hole: a link makes the system run something', () => {
  it('known papers and projects open', () => {
    expect(externalLink('https://arxiv.org/abs/1704.00028')).toBe('https://arxiv.org/abs/1704.00028')
    for (const host of LINK_HOSTS) expect(externalLink(`https://${host}/x`)).toBe(`https://${host}/x`)
  })
  it.each([
    'http://arxiv.org/',
    'https://arxiv.org.evil.example/',
    'https://evil.example/?arxiv.org',
    'https://arxiv.org@evil.example/',
    'https://user:pass@arxiv.org/',
    'https://arxiv.org:8443/',
    'file:///usr/bin/xterm',
    'smb://server/share',
    'javascript:alert(1)',
    'data:text/html,x',
    'ms-msdt:/id',
    'C:\\Windows\\system32\\calc.exe',
    '',
  ])('%s does not', (url) => expect(externalLink(url)).toBeNull())
})

it('app:// has an origin here as it has in Chromium', () => {
  expect(originOf('app://atelier/index.html')).toBe('app://atelier')
  expect(originOf('about:blank')).toBeNull()
})
