/** The token that lets this window in to a served core: from the address, kept for the tab's session, never in a route. */
const TOKEN = 'atelier:token'
/** How long a new tab waits for another one to hand it the token, in ms. */
const SIBLINGS = 250

/** A tab's own storage. */
type Session = Pick<Storage, 'getItem' | 'setItem'>

/** Moves the token from the address (`#token=…`, optionally followed by `&/route`) into this tab's session storage. */
export function takeToken() {
  const found = /^#token=([^&]+)(?:&(.*))?$/.exec(location.hash)
  if (!found) return
  sessionStorage.setItem(TOKEN, decodeURIComponent(found[1]!))
  history.replaceState(history.state, '', `${location.pathname}${location.search}#${found[2] ?? '/'}`)
}

/**
 * Answers tabs of this very origin (host and port) that ask for the token: a run opened in a new tab starts with an
 * empty session. Pages of other origins can't hear the channel.
 * @returns ends it.
 */
export function shareToken(session: Session = sessionStorage): () => void {
  const channel = new BroadcastChannel(TOKEN)
  channel.addEventListener('message', (event) => {
    const token = session.getItem(TOKEN)
    if (event.data === 'ask' && token) channel.postMessage({ token })
  })
  return () => channel.close()
}

/** This tab's token, or that of another tab, or null. */
export async function findToken(session: Session = sessionStorage): Promise<string | null> {
  const own = session.getItem(TOKEN)
  if (own) return own
  const channel = new BroadcastChannel(TOKEN)
  const token = await new Promise<string | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), SIBLINGS)
    channel.addEventListener('message', (event) => {
      const given = (event.data as { token?: unknown } | null)?.token
      if (typeof given !== 'string') return
      clearTimeout(timer)
      resolve(given)
    })
    channel.postMessage('ask')
  })
  channel.close()
  if (token) session.setItem(TOKEN, token)
  return token
}
