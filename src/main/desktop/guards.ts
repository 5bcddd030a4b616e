import type { Session, WebContents } from 'electron'
import { externalLink, isAllowedRequest, isOurPage } from './origins.ts'
import type { PageOrigins } from './origins.ts'

/**
 * The locks on the window, deny by default. Each stands by itself, so that a hole in one is not a hole in the house.
 */

/** Web permissions that a page of ours is given; everything else (camera, USB, location…) is refused. */
export const GRANTED_PERMISSIONS: readonly string[] = ['clipboard-sanitized-write', 'fullscreen']

/** Shuts a session off: no network but our own page, no permission but the granted ones, no device, no foreign download. */
export function guardSession(session: Session, origins: PageOrigins): void {
  session.webRequest.onBeforeRequest((details, callback) => {
    callback({ cancel: !isAllowedRequest(details.url, origins) })
  })
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(
      GRANTED_PERMISSIONS.includes(permission) && details.isMainFrame && isOurPage(details.requestingUrl, origins),
    )
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => {
    return GRANTED_PERMISSIONS.includes(permission) && details.isMainFrame && isOurPage(requestingOrigin, origins)
  })
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event, item) => {
    // Exports are blobs that the page made; anything else would be a file that comes from elsewhere.
    const url = item.getURL()
    if (!(url.startsWith('blob:') || isOurPage(url, origins)) || !isAllowedRequest(url, origins)) event.preventDefault()
  })
}

/**
 * Holds a page where it is: no navigation but to itself, no new windows, no webviews. A link to a known https host is
 * handed to `openExternal`.
 */
export function guardContents(contents: WebContents, origins: PageOrigins, openExternal: (url: string) => void): void {
  const stay = (event: { url: string; isMainFrame: boolean; preventDefault(): void }) => {
    if (event.isMainFrame && isOurPage(event.url, origins)) return
    event.preventDefault()
    const link = event.isMainFrame ? externalLink(event.url) : null
    if (link !== null) openExternal(link)
  }
  contents.on('will-frame-navigate', stay)
  contents.on('will-redirect', (event) => {
    if (!(event.isMainFrame && isOurPage(event.url, origins))) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const link = externalLink(url)
    if (link !== null) openExternal(link)
    return { action: 'deny' }
  })
}
