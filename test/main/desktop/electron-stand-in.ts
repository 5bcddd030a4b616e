import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { MessageChannel as ThreadChannel } from 'node:worker_threads'
import type { MessagePort as ThreadPort } from 'node:worker_threads'

/**
 * Electron's module for the machines that have no Electron: what the shell uses of it, as its documentation
 * says that it behaves, and strict. Options that Electron's own declarations do not know throw, as do dialogs that a test
 * did not foresee. Message ports are real ones, of Node's worker threads.
 */
const declarations = readFileSync(
  join(dirname(createRequire(import.meta.url).resolve('electron/package.json')), 'electron.d.ts'),
  'utf8',
)

/** The members that Electron's declarations give an interface, its parents' included. */
export function membersOf(name: string): Set<string> {
  const found = new RegExp(`^  interface ${name}(?: extends (\\w+))? \\{\\n([\\s\\S]*?)^  \\}`, 'm').exec(declarations)
  if (!found) throw new Error(`electron.d.ts has no interface ${name}`)
  const own = [...found[2]!.matchAll(/^ {4}(?:readonly )?(\w+)\??:/gm)].map((match) => match[1]!)
  return new Set([...own, ...(found[1] ? membersOf(found[1]) : [])])
}

function strict(name: string, options: object): void {
  const known = membersOf(name)
  for (const key of Object.keys(options)) if (!known.has(key)) throw new TypeError(`${name} has no option "${key}"`)
}

export class PreventableEvent {
  defaultPrevented = false
  constructor(fields: object = {}) {
    Object.assign(this, fields)
  }
  preventDefault() {
    this.defaultPrevented = true
  }
}

class App extends EventEmitter {
  isPackaged = true
  ready = false
  /** What a test has set up before it loads the shell. */
  paths: Record<string, string> = {}
  appPath = ''
  lock = true
  switches = new Map<string, string>()
  sandboxed = false
  exits: string[] = []
  about: object = {}
  readonly commandLine = {
    appendSwitch: (name: string, value = '') => void this.switches.set(name, value),
  }
  enableSandbox() {
    if (this.ready) throw new Error('app.enableSandbox() can only be called before app is ready')
    this.sandboxed = true
  }
  requestSingleInstanceLock = () => this.lock
  getAppPath = () => this.appPath
  getPath(name: string) {
    const path = this.paths[name]
    if (!path) throw new Error(`Failed to get '${name}' path`)
    return path
  }
  async whenReady() {
    await new Promise((resolve) => setImmediate(resolve))
    this.ready = true
  }
  /** Emits before-quit; closes the windows and leaves when nobody prevents it. */
  quit() {
    const event = new PreventableEvent()
    this.emit('before-quit', event)
    if (event.defaultPrevented) return
    for (const window of BrowserWindow.getAllWindows()) window.close()
    this.exits.push('quit')
    this.emit('quit')
  }
  exit = (code = 0) => void this.exits.push(`exit ${code}`)
  setAboutPanelOptions(options: object) {
    strict('AboutPanelOptionsOptions', options)
    this.about = options
  }
  showAboutPanel() {}
}

export const protocol = {
  schemes: [] as object[],
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  registerSchemesAsPrivileged(schemes: { scheme: string; privileges: object }[]) {
    if (app.ready) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready')
    for (const scheme of schemes) {
      strict('CustomScheme', scheme)
      strict('Privileges', scheme.privileges)
    }
    this.schemes = schemes
  },
  handle(scheme: string, handler: (request: Request) => Promise<Response>) {
    if (!app.ready) throw new Error('protocol.handle needs a ready app')
    if (this.handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`)
    this.handlers.set(scheme, handler)
  },
}

class Session extends EventEmitter {
  request?: (details: { url: string }, callback: (answer: { cancel?: boolean }) => void) => void
  permissionRequest?: (c: unknown, permission: string, done: (granted: boolean) => void, details: object) => void
  permissionCheck?: (c: unknown, permission: string, origin: string, details: object) => boolean
  device?: () => boolean
  readonly webRequest = { onBeforeRequest: (listener: Session['request']) => void (this.request = listener) }
  setPermissionRequestHandler = (handler: Session['permissionRequest']) => void (this.permissionRequest = handler)
  setPermissionCheckHandler = (handler: Session['permissionCheck']) => void (this.permissionCheck = handler)
  setDevicePermissionHandler = (handler: Session['device']) => void (this.device = handler)
}
export const session = { defaultSession: new Session() }

export class Frame {
  readonly sent: { channel: string; ports: MessagePortMain[] }[] = []
  url = ''
  parent: Frame | null
  detached = false
  constructor(parent: Frame | null = null) {
    this.parent = parent
  }
  /** As Chromium serializes it for a standard scheme. */
  origin = 'null'
  postMessage(channel: string, _message: unknown, ports: MessagePortMain[] = []) {
    for (const port of ports)
      if (!(port instanceof MessagePortMain)) throw new TypeError('Port at index 0 is not a valid port')
    this.sent.push({ channel, ports })
  }
}

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' }
export class WebContents extends EventEmitter {
  readonly mainFrame = new Frame()
  openHandler?: OpenHandler
  webRtcPolicy = 'default'
  setWindowOpenHandler = (handler: OpenHandler) => void (this.openHandler = handler)
  setWebRTCIPHandlingPolicy = (policy: string) => void (this.webRtcPolicy = policy)
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = []
  static getAllWindows = () => [...BrowserWindow.all]
  readonly webContents = new WebContents()
  readonly options: { webPreferences: Record<string, unknown>; [name: string]: unknown }
  readonly loaded: string[] = []
  title: string
  shown = false
  focused = false
  maximized = false
  destroyed = false
  bounds = { x: 10, y: 20, width: 1200, height: 800 }
  constructor(options: BrowserWindow['options']) {
    super()
    if (!app.ready) throw new Error('Cannot create BrowserWindow before app is ready')
    strict('BrowserWindowConstructorOptions', options)
    strict('WebPreferences', options.webPreferences)
    this.options = options
    this.title = String(options['title'])
    BrowserWindow.all.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  async loadURL(url: string) {
    this.loaded.push(url)
    this.webContents.mainFrame.url = url
    this.webContents.mainFrame.origin = url.split('/').slice(0, 3).join('/')
  }
  show = () => void (this.shown = true)
  focus = () => void (this.focused = true)
  restore() {}
  isMinimized = () => false
  isFocused = () => this.focused
  isMaximized = () => this.maximized
  isDestroyed = () => this.destroyed
  maximize = () => void (this.maximized = true)
  getNormalBounds = () => this.bounds
  setTitle = (title: string) => void (this.title = title)
  setBackgroundColor() {}
  close() {
    const event = new PreventableEvent()
    this.emit('close', event)
    if (event.defaultPrevented || this.destroyed) return
    this.destroyed = true
    BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this)
    this.webContents.emit('destroyed')
    this.emit('closed')
    if (BrowserWindow.all.length === 0) app.emit('window-all-closed')
  }
}

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: object, ...args: unknown[]) => unknown>()
  handle(channel: string, handler: (event: object, ...args: unknown[]) => unknown) {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    this.handlers.set(channel, handler)
  }
}
export const ipcMain = new IpcMain()

/** Queues until `start`, gives `{ data, ports }`, tells `close` when the other end goes. */
export class MessagePortMain extends EventEmitter {
  readonly thread: ThreadPort
  constructor(thread: ThreadPort) {
    super()
    this.thread = thread
    thread.on('close', () => this.emit('close'))
  }
  start = () => void this.thread.on('message', (data) => this.emit('message', { data, ports: [] }))
  postMessage = (data: unknown) => this.thread.postMessage(data)
  close = () => this.thread.close()
}
export class MessageChannelMain {
  readonly port1: MessagePortMain
  readonly port2: MessagePortMain
  constructor() {
    const { port1, port2 } = new ThreadChannel()
    this.port1 = new MessagePortMain(port1)
    this.port2 = new MessagePortMain(port2)
  }
}

interface MessageBox {
  message: string
  detail?: string
  buttons?: string[]
}
export const dialog = {
  /** Answers in the order in which they are to be given: a button's number, or the folders chosen. */
  answers: [] as (number | string[])[],
  shown: [] as MessageBox[],
  next(of: string): number | string[] {
    const answer = dialog.answers.shift()
    if (answer === undefined) throw new Error(`A dialog that the test did not foresee: ${of}`)
    return answer
  },
  async showMessageBox(...args: [MessageBox] | [BrowserWindow, MessageBox]) {
    const options = (args[1] ?? args[0]) as MessageBox
    strict('MessageBoxOptions', options)
    dialog.shown.push(options)
    return { response: dialog.next(options.message) as number, checkboxChecked: false }
  },
  async showOpenDialog(...args: [object] | [BrowserWindow, object]) {
    const options = (args[1] ?? args[0]) as object
    strict('OpenDialogOptions', options)
    const filePaths = dialog.next('open') as string[]
    return { canceled: filePaths.length === 0, filePaths }
  },
  showErrorBox: (title: string, content: string) => void dialog.shown.push({ message: title, detail: content }),
}

export interface MenuItem {
  label?: string
  role?: string
  accelerator?: string
  type?: string
  click?: () => void
  submenu?: MenuItem[]
}
export const Menu = {
  current: null as MenuItem[] | null,
  buildFromTemplate(template: MenuItem[]) {
    const check = (item: MenuItem) => {
      strict('MenuItemConstructorOptions', item)
      if (!item.role && !item.label && !item.type) throw new TypeError('A menu item needs a label, a role or a type')
      item.submenu?.forEach(check)
    }
    template.forEach(check)
    return template
  },
  setApplicationMenu: (menu: MenuItem[]) => void (Menu.current = menu),
}

export class Notification extends EventEmitter {
  static shown: Notification[] = []
  static isSupported = () => true
  readonly options: { title: string; body: string; silent?: boolean }
  closed = false
  constructor(options: Notification['options']) {
    super()
    strict('NotificationConstructorOptions', options)
    this.options = options
  }
  show = () => void Notification.shown.push(this)
  close = () => void (this.closed = true)
}

export const nativeTheme = Object.assign(new EventEmitter(), { themeSource: 'light', shouldUseDarkColors: false })
const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] }
export const shell = {
  opened: [] as string[],
  openExternal: async (url: string) => void shell.opened.push(url),
  openPath: async (path: string) => (shell.opened.push(path), ''),
}
export const app = new App()
