import { readFile, realpath } from 'node:fs/promises'
import { extname, isAbsolute, join, relative, sep } from 'node:path'

/**
 * The app:// protocol: the only place that the window's page comes from. It serves the files of one folder and
 * nothing else, with a content security policy on every answer.
 */
export const APP_SCHEME = 'app'
export const APP_HOST = 'atelier'
/** The origin of the page, as `location.origin` and `WebFrameMain.origin` write it. */
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`
export const APP_URL = `${APP_ORIGIN}/index.html`

/**
 * The scheme as Chromium must know it before the app is ready: `standard` gives it an origin of its own, `secure`
 * makes it a secure context. It may not bypass a content security policy, nor register service workers.
 */
export const APP_PRIVILEGES = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
} as const

/** Styles may be inline, because components set them; scripts never, so injected markup stays markup. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "frame-src 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

const MIME: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
}

/** True when `file` is `folder` or lies in it; a sibling whose name begins alike (`renderer-evil`) does not. */
export function isInside(folder: string, file: string): boolean {
  const way = relative(folder, file)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/**
 * The file that an app:// URL names, or null when the URL is of another origin or its path could mean anything but a
 * plain file under `root`. The path is decoded once; what is still dangerous after that (`..`, `\`, NUL, a colon, for
 * Windows's drives and streams) is refused and never cleaned up.
 */
export function assetPath(root: string, url: string): string | null {
  let path: string
  try {
    const parsed = new URL(url)
    if (parsed.protocol !== `${APP_SCHEME}:` || parsed.host !== APP_HOST) return null
    if (parsed.username !== '' || parsed.password !== '') return null
    path = decodeURIComponent(parsed.pathname)
  } catch {
    return null
  }
  if (/[\0\\:]/.test(path) || !path.startsWith('/')) return null
  const segments = path.slice(1).split('/')
  if (segments.some((s) => s === '..' || s === '.')) return null
  const file = join(root, ...segments)
  return isInside(root, file) ? file : null
}

const reply = (status: number, text: string, headers: Record<string, string> = {}) =>
  new Response(text, { status, headers: { ...baseHeaders('.txt'), ...headers } })

const baseHeaders = (extension: string) => ({
  'content-type': MIME[extension] ?? 'application/octet-stream',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
})

/**
 * Answers requests for app:// URLs out of `root` (dist/renderer); the folder itself is index.html. 400 for a path that is refused, 404 for a file that is not there, 405 for any
 * method but GET and HEAD.
 */
export function appProtocol(root: string): (request: Pick<Request, 'url' | 'method'>) => Promise<Response> {
  return async ({ url, method }) => {
    if (method !== 'GET' && method !== 'HEAD')
      return reply(405, 'Only GET and HEAD are answered.', { allow: 'GET, HEAD' })
    const named = assetPath(root, url)
    if (named === null) return reply(400, 'This is not a path of Atelier.')
    const file = named === join(root, sep) || named === root ? join(root, 'index.html') : named
    try {
      // A link in the folder could still point out of it, so the decision is made on what would really be read.
      const [realRoot, realFile] = await Promise.all([realpath(root), realpath(file)])
      if (!isInside(realRoot, realFile)) return reply(404, 'There is no such file.')
      const bytes = await readFile(realFile)
      const headers = {
        ...baseHeaders(extname(file).toLowerCase()),
        'content-length': String(bytes.byteLength),
        // Vite names what lies in assets/ by its content.
        'cache-control': file.startsWith(join(root, 'assets') + sep) ? 'max-age=31536000, immutable' : 'no-cache',
      }
      return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), { status: 200, headers })
    } catch {
      return reply(404, 'There is no such file.')
    }
  }
}
