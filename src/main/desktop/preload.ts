import { contextBridge, ipcRenderer } from 'electron'

/**
 * The only code that stands between the page and Electron, run in the sandbox. It hands the page the core's port
 * when the page asks for it, and exposes `window.atelier`: the names below and no others.
 */
const argument = (name: string) =>
  process.argv.find((a) => a.startsWith(`--atelier-${name}=`))?.slice(`--atelier-${name}=`.length) ?? ''

contextBridge.exposeInMainWorld(
  'atelier',
  Object.freeze({
    /** The operating system, as Node names it. */
    platform: process.platform,
    /** Atelier's own version. */
    version: argument('version'),
    /** Lets the user choose a folder; its path, or null when the user thinks better of it. */
    chooseFolder: (): Promise<string | null> => ipcRenderer.invoke('atelier:choose-folder'),
  }),
)

window.addEventListener('message', (event) => {
  // A frame or a window that is not this page has no business with the core.
  if (event.source === window && event.origin === location.origin && event.data === 'atelier:ask-port')
    ipcRenderer.send('atelier:ask-port')
})

ipcRenderer.on('atelier:port', (event) => {
  const [port] = event.ports
  if (port) window.postMessage('atelier:port', location.origin, [port])
})
