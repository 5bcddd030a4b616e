import { APP_ORIGIN, APP_SCHEME } from './protocol.ts'

/** Which pages are ours, and where a link may lead. Pure decisions, asked by everything that guards the window. */
export interface PageOrigins {
  /** The page's origin: app://atelier, or Vite's server while developing. */
  readonly page: string
  readonly development: boolean
}

export const packagedOrigins: PageOrigins = { page: APP_ORIGIN, development: false }

/**
 * The origins for a window that loads from Vite's server at `url`.
 * @throws When the URL is not http on this machine: code from elsewhere would get the core's port.
 */
export function developmentOrigins(url: string): PageOrigins {
  const { protocol, hostname, origin } = new URL(url)
  if (protocol !== 'http:' || !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw new Error(`ATELIER_DEV_URL is ${url}; expected http on localhost, where "npm run dev" serves the window.`)
  return { page: origin, development: true }
}

/** The origin of a URL, with app:// written as Chromium does; Node's URL calls it "null". Null when it has none. */
export function originOf(url: string): string | null {
  try {
    const parsed = new URL(url)
    if (parsed.protocol === `${APP_SCHEME}:`) return `${APP_SCHEME}://${parsed.host}`
    return parsed.origin === 'null' ? null : parsed.origin
  } catch {
    return null
  }
}

export const isOurPage = (url: string, origins: PageOrigins): boolean => originOf(url) === origins.page

/** What of a frame decides whether it may speak to the core. */
export interface Frame {
  readonly origin: string
  readonly url: string
  readonly parent: Frame | null
  readonly detached: boolean
}

/**
 * True for the main frame of a page of ours. Both the committed origin and the URL must agree: about:blank and
 * sandboxed frames may inherit one of them.
 */
export const isOurFrame = <F extends Frame>(frame: F | null, origins: PageOrigins): frame is F =>
  frame !== null &&
  !frame.detached &&
  frame.parent === null &&
  frame.origin === origins.page &&
  isOurPage(frame.url, origins)

/** Requests that may leave the page: its own files, and blobs and data that it made; in development Vite's socket. */
export function isAllowedRequest(url: string, origins: PageOrigins): boolean {
  if (url.startsWith('data:')) return true
  if (url.startsWith('blob:')) return isOurPage(url.slice('blob:'.length), origins)
  if (isOurPage(url, origins)) return true
  if (!origins.development) return false
  if (url.startsWith('devtools:')) return true
  return url.startsWith('ws:') && originOf(url.replace(/^ws:/, 'http:')) === origins.page
}

/** Hosts that links in the window lead to: papers, and the tools that Atelier is made of. */
export const LINK_HOSTS: readonly string[] = [
  'arxiv.org',
  'doi.org',
  'github.com',
  'openreview.net',
  'proceedings.mlr.press',
  'www.tensorflow.org',
  'js.tensorflow.org',
  'yann.lecun.com',
  'www.csie.ntu.edu.tw',
]

/**
 * The URL to hand to the system's browser, or null. https only, known hosts only, no credentials and no port: the
 * system opens file:, smb: and application schemes too, and those run programs.
 */
export function externalLink(url: string): string | null {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return null
  }
  const { protocol, hostname, port, username, password } = parsed
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return null
  return LINK_HOSTS.includes(hostname) ? parsed.href : null
}
