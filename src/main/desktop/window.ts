import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { BrowserWindowConstructorOptions } from 'electron'
import type { SettingsFile, WindowState } from './settings.ts'
import { MIN_HEIGHT, MIN_WIDTH, placeWindow } from './window-state.ts'

export interface WindowOptions {
  /** The page's URL. */
  url: string
  /** The bundled preload script. */
  preload: string
  version: string
  title: string
  settings: SettingsFile
  /** The page's process died again and again; the window shows nothing. */
  onPageLost(window: BrowserWindow, reason: string): void
}

/** Behind the page until it has painted, so that the window does not flash; the page's own two grounds. */
const ground = () => (nativeTheme.shouldUseDarkColors ? '#0f1115' : '#ffffff')

/** A page that dies more often than this in a minute is not loaded again by itself. */
const MAX_RELOADS = 3

/** The window's options: everything that could give a page more than a browser's tab has is off, and said so. */
export function windowOptions(
  place: WindowState,
  { preload, version, title }: WindowOptions,
): BrowserWindowConstructorOptions {
  const { maximized: _, ...bounds } = place
  return {
    ...bounds,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    title,
    backgroundColor: ground(),
    webPreferences: {
      preload,
      additionalArguments: [`--atelier-version=${version}`],
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      // Dictionaries would be fetched from a server.
      spellcheck: false,
      // Charts go on growing while another window is in front.
      backgroundThrottling: false,
    },
  }
}

/** Opens the window where it was last and loads the page into it. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { settings } = options
  const primary = screen.getPrimaryDisplay()
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id)
  const place = placeWindow(
    settings.get().window,
    [primary, ...others].map((display) => display.workArea),
  )
  const window = new BrowserWindow(windowOptions(place, options))
  if (place.maximized) window.maximize()
  // WebRTC does not pass through webRequest; without a proxy this leaves it nothing to connect with.
  window.webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  window.once('ready-to-show', () => window.show())
  // The title names the library; the page's own names its view.
  window.on('page-title-updated', (event) => event.preventDefault())
  window.on('close', () => {
    settings.set({ window: { ...window.getNormalBounds(), maximized: window.isMaximized() } })
  })
  const repaint = () => window.setBackgroundColor(ground())
  nativeTheme.on('updated', repaint)
  window.on('closed', () => nativeTheme.off('updated', repaint))
  reloadWhenLost(window, options)
  void load(window, options.url)
  return window
}

/** Loads the page; a load that is cut short by the next one is not a failure. */
export async function load(window: BrowserWindow, url: string): Promise<void> {
  try {
    await window.loadURL(url)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ABORTED' && !window.isDestroyed())
      console.error(`The window could not load ${url}: ${(error as Error).message}`)
  }
}

function reloadWhenLost(window: BrowserWindow, options: WindowOptions): void {
  let recent: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = Date.now()
    recent = [...recent.filter((time) => now - time < 60_000), now]
    if (recent.length <= MAX_RELOADS) void load(window, options.url)
    else options.onPageLost(window, reason)
  })
}
