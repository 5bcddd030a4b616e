import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCore } from '../../../src/main/core.ts'
import type { RunningCore } from '../../../src/main/server/core-file.ts'
import type { Contract } from '../../../src/shared/api.ts'
import type * as StandIn from './electron-stand-in.ts'

// The whole main process with its real core, library, workers and ports; only Electron is the stand-in.
let folder: string
let library: string
let electron: typeof StandIn
const reports: string[] = []
const { argv } = process

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'atelier-desktop-'))
  library = join(folder, 'My Library')
  mkdirSync(join(folder, 'app', 'dist', 'renderer'), { recursive: true })
  writeFileSync(join(folder, 'app', 'dist', 'renderer', 'index.html'), '<!doctype html>')
  vi.stubEnv('ATELIER_LIBRARY', '')
  vi.stubEnv('ATELIER_DEV_URL', undefined)
  Object.assign(process, { resourcesPath: join(folder, 'resources') })
  reports.length = 0
  vi.spyOn(console, 'error').mockImplementation((...args) => void reports.push(args.join(' ')))
  electron = await freshElectron()
})
afterEach(async () => {
  if (electron.BrowserWindow.all.length > 0) await quit()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.argv = argv
  delete (process as { resourcesPath?: string }).resourcesPath
  process.removeAllListeners('unhandledRejection')
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** Another start of Electron, for the main process that is imported next. */
async function freshElectron(): Promise<typeof StandIn> {
  vi.resetModules()
  const fresh = await import('./electron-stand-in.ts')
  vi.doMock('electron', () => fresh)
  fresh.app.paths['userData'] = join(folder, 'settings')
  fresh.app.appPath = join(folder, 'app')
  process.argv = ['/opt/Atelier/atelier', '--ozone-platform=wayland', '--library', library]
  return fresh
}

const until = <T>(what: () => T) => vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 10_000, interval: 20 })

async function launch() {
  await import('../../../src/main/desktop/main.ts')
  await until(() => electron.BrowserWindow.all.length === 1)
  const window = electron.BrowserWindow.all[0]!
  await until(() => window.loaded.length === 1)
  return window
}
async function quit() {
  electron.app.quit()
  await until(() => electron.app.exits.length > 0)
}

type Client = ContractRouterClient<Contract>
/** Asks for the core's port as the preload script of a frame does, and speaks the API through it; null when refused. */
function dial(
  window: StandIn.BrowserWindow,
  frame: StandIn.Frame | null = window.webContents.mainFrame,
): Client | null {
  const before = frame?.sent.length ?? 0
  electron.ipcMain.emit('atelier:ask-port', { sender: window.webContents, senderFrame: frame })
  const answer = frame?.sent[before]
  if (!answer) return null
  expect(answer.channel).toBe('atelier:port')
  const port = answer.ports[0]!.thread
  const client = createORPCClient<Client>(new RPCLink({ port: port as unknown as MessagePort }))
  port.start()
  return client
}

describe('the start', () => {
  it('opens a locked-down window on the page, with the library in its title', async () => {
    const window = await launch()
    expect(electron.app.sandboxed).toBe(true)
    expect(window.loaded).toEqual(['app://atelier/index.html'])
    expect(window.title).toBe('My Library – Atelier')
    expect(window.shown).toBe(false)
    window.emit('ready-to-show')
    expect(window.shown).toBe(true)
    const titled = new electron.PreventableEvent()
    window.emit('page-title-updated', titled, 'Runs')
    expect(titled.defaultPrevented).toBe(true)
    expect(reports).toEqual([])
  })
  it('gives the page what a tab has and no more: the exact preferences', async () => {
    const window = await launch()
    expect(window.options.webPreferences).toEqual({
      preload: join(folder, 'app', 'dist', 'main', 'desktop', 'preload.cjs'),
      additionalArguments: [expect.stringMatching(/^--atelier-version=\d+\.\d+\.\d+/)],
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
      spellcheck: false,
      backgroundThrottling: false,
    })
    expect(window.webContents.webRtcPolicy).toBe('disable_non_proxied_udp')
    expect(electron.app.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND')
  })
  it('answers two messages of the page and no others', async () => {
    await launch()
    expect(electron.ipcMain.eventNames()).toEqual(['atelier:ask-port'])
    expect([...electron.ipcMain.handlers.keys()]).toEqual(['atelier:choose-folder'])
  })
  it('guards every page that comes to be, the window or not', async () => {
    await launch()
    const stray = new electron.WebContents()
    electron.app.emit('web-contents-created', {}, stray)
    expect(stray.openHandler!({ url: 'https://arxiv.org/abs/1704.00028' })).toEqual({ action: 'deny' })
    expect(electron.shell.opened).toEqual(['https://arxiv.org/abs/1704.00028'])
    const navigation = new electron.PreventableEvent({ url: 'https://evil.example/', isMainFrame: true })
    stray.emit('will-frame-navigate', navigation)
    expect(navigation.defaultPrevented).toBe(true)
  })
  it('serves the page over app://, and lets no request out', async () => {
    await launch()
    const response = await electron.protocol.handlers.get('app')!(new Request('app://atelier/index.html'))
    expect(await response.text()).toBe('<!doctype html>')
    let answer: { cancel?: boolean } = {}
    electron.session.defaultSession.request!({ url: 'https://example.org/' }, (given) => (answer = given))
    expect(answer).toEqual({ cancel: true })
  })
  it('is left to the first instance, which comes to the front', async () => {
    const window = await launch()
    electron.app.emit('second-instance', {})
    expect(window.focused).toBe(true)
    const second = await freshElectron()
    second.app.lock = false
    await import('../../../src/main/desktop/main.ts')
    expect(second.app.exits).toEqual(['quit'])
    expect(second.BrowserWindow.all).toEqual([])
  })
  it('loads the development page only when it is not packaged, and only from this machine', async () => {
    vi.stubEnv('ATELIER_DEV_URL', 'http://localhost:5173/')
    expect((await launch()).loaded).toEqual(['app://atelier/index.html'])
    await quit()
    electron = await freshElectron()
    electron.app.isPackaged = false
    expect((await launch()).loaded).toEqual(['http://localhost:5173/'])
  })
})

describe('the core', () => {
  it('speaks the contract with the page', async () => {
    const client = dial(await launch())!
    expect(await client.runs.list()).toEqual([])
    const data = { errors: [expect.objectContaining({ name: 'kind' })] }
    await expect(client.runs.launch({ kind: 'no-such-kind' })).rejects.toMatchObject({ code: 'BAD_INPUT', data })
    await expect(client.runs.get({ id: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const runs = await client.runs.watch()
    expect((await runs.next()).value).toEqual({ changed: [], removed: [] })
    await runs.return(undefined)
  })
  it('the hole: a page or a frame that is not ours asks for it', async () => {
    const window = await launch()
    const frame = (url: string, parent: StandIn.Frame | null = null) =>
      Object.assign(new electron.Frame(parent), { url, origin: url.split('/').slice(0, 3).join('/') })
    expect(dial(window, frame('https://evil.example/'))).toBeNull()
    expect(dial(window, frame('app://atelier/index.html', window.webContents.mainFrame))).toBeNull()
    expect(dial(window, null)).toBeNull()
    const stray = new electron.WebContents()
    const own = frame('app://atelier/index.html')
    electron.ipcMain.emit('atelier:ask-port', { sender: stray, senderFrame: own })
    expect(own.sent).toEqual([])
    expect(reports).toHaveLength(4)
    const choose = electron.ipcMain.handlers.get('atelier:choose-folder')!
    await expect(choose({ sender: window.webContents, senderFrame: frame('https://evil.example/') })).rejects.toThrow(
      "Only Atelier's own page",
    )
  })
  it('lets go of the port of a page that asks anew, and of one that is gone', async () => {
    const window = await launch()
    const first = dial(window)!
    const following = (await first.runs.watch())[Symbol.asyncIterator]()
    await following.next()
    const second = dial(window)!
    await expect(following.next()).rejects.toThrow(/clos|abort/i)
    expect(await second.runs.list()).toEqual([])
    const third = (await second.runs.watch())[Symbol.asyncIterator]()
    await third.next()
    window.close()
    await expect(third.next()).rejects.toThrow(/clos|abort/i)
  })
  it('gives the folder that the user chose, or null', async () => {
    const window = await launch()
    const choose = electron.ipcMain.handlers.get('atelier:choose-folder')!
    const event = { sender: window.webContents, senderFrame: window.webContents.mainFrame }
    electron.dialog.answers.push(['/pictures'], [])
    expect(await choose(event)).toBe('/pictures')
    expect(await choose(event)).toBeNull()
  })
})

describe('the library', () => {
  it('that cannot be opened is told, and another can be chosen, which is the one of the next start', async () => {
    writeFileSync(library, 'a file')
    const other = join(folder, 'other')
    electron.dialog.answers.push(1, 0, [other])
    const window = await launch()
    expect(window.title).toBe('other – Atelier')
    expect(electron.dialog.shown.map(({ message }) => message)).toEqual(
      Array(2).fill(`The library in ${library} could not be opened.`),
    )
    expect(JSON.parse(readFileSync(join(folder, 'settings', 'settings.json'), 'utf8'))).toMatchObject({
      library: other,
    })
    expect(readFileSync(library, 'utf8')).toBe('a file')
  })
  it('that cannot be opened: the user may quit', async () => {
    writeFileSync(library, 'a file')
    electron.dialog.answers.push(2)
    await import('../../../src/main/desktop/main.ts')
    await until(() => electron.app.exits.length > 0)
    expect(electron.app.exits).toEqual(['quit'])
    expect(electron.BrowserWindow.all).toEqual([])
  })
  const click = (label: string) =>
    electron.Menu.current!.flatMap((menu) => menu.submenu ?? []).find((item) => item.label === label)!.click!()

  it('is changed from the menu: the page is loaded anew on the new core, and the old one is let go', async () => {
    const window = await launch()
    const client = dial(window)!
    const pending = (await client.runs.watch())[Symbol.asyncIterator]()
    await pending.next()
    const other = join(folder, 'other')
    electron.dialog.answers.push([other])
    click('Choose &Library…')
    await until(() => window.title === 'other – Atelier')
    await expect(pending.next()).rejects.toThrow(/clos|abort/i)
    expect(window.loaded).toHaveLength(2)
    expect((await dial(window)!.app.info()).library.path).toContain('other')
    const core = await vi.waitFor(() => createCore({ libraryDirectory: library, platform: 'browser' }))
    await core.close()
    click('Open Library &Folder')
    expect(electron.shell.opened).toEqual([other])
  })
  it('stays when the one chosen cannot be opened', async () => {
    const window = await launch()
    const client = dial(window)!
    const file = join(folder, 'file')
    writeFileSync(file, '')
    electron.dialog.answers.push([file], 0)
    click('Choose &Library…')
    await until(() => electron.dialog.shown.length === 1)
    expect(electron.dialog.shown[0]!.message).toBe('The library could not be opened.')
    expect(window.title).toBe('My Library – Atelier')
    expect(await client.runs.list()).toEqual([])
  })
  it('can be reached by the command line while the app has it, and not after', async () => {
    await launch()
    const file = join(library, 'core.json')
    const { pid, host, port } = JSON.parse(readFileSync(file, 'utf8')) as RunningCore
    expect(pid).toBe(process.pid)
    const address = `http://${host}:${port}/`
    expect((await fetch(address)).status).toBeLessThan(500)
    await quit()
    expect(existsSync(file)).toBe(false)
    await expect(fetch(address)).rejects.toThrow()
  })
})

describe('the window', () => {
  it('opens where it was', async () => {
    const window = await launch()
    window.bounds = { x: 300, y: 200, width: 1111, height: 777 }
    await quit()
    electron = await freshElectron()
    expect((await launch()).options).toMatchObject({ x: 300, y: 200, width: 1111, height: 777 })
  })
  it('loads its page again when that dies, and asks after the third time in a minute', async () => {
    const window = await launch()
    const die = (reason: string) => window.webContents.emit('render-process-gone', {}, { reason, exitCode: 1 })
    die('clean-exit')
    expect(window.loaded).toHaveLength(1)
    for (let i = 0; i < 3; i++) die('crashed')
    expect(window.loaded).toHaveLength(4)
    electron.dialog.answers.push(0)
    die('oom')
    await until(() => window.loaded.length === 5)
    expect(electron.dialog.shown[0]).toMatchObject({ detail: expect.stringContaining('oom') })
  })
})

describe('leaving', () => {
  it('closes the library and leaves when nothing trains', async () => {
    const window = await launch()
    window.close()
    await until(() => electron.app.exits.length > 0)
    expect(electron.app.exits).toEqual(['quit'])
    expect(electron.dialog.shown).toEqual([])
    const core = await createCore({ libraryDirectory: library, platform: 'browser' })
    await core.close()
  })

  it('while a run trains tells once that it goes on, and the next core has it', async () => {
    const client = dial(await launch())!
    const params = { dataset: 'mnist', width: 4, limit: 128, batch: 32, epochs: 1000 }
    const { id } = await client.runs.launch({ kind: 'dcgan', params })
    await vi.waitFor(async () => expect((await client.runs.get({ id })).progress?.step).toBeGreaterThan(0), 60_000)
    electron.dialog.answers.push(0)
    await quit()
    expect(electron.dialog.shown).toEqual([
      expect.objectContaining({ message: 'Training goes on.', detail: expect.stringContaining('One run goes on') }),
    ])
    expect(existsSync(library)).toBe(true)

    const next = await createCore({ libraryDirectory: library, platform: 'browser' })
    try {
      await next.settled
      const adopted = next.library.run(id)!
      expect(adopted).toMatchObject({ status: 'running', attempts: 1 })
      const step = adopted.progress!.step
      await vi.waitFor(() => expect(next.library.run(id)!.progress!.step).toBeGreaterThan(step), 20_000)
      await next.client.runs.stop({ ids: [id] })
      await vi.waitFor(() => expect(next.library.run(id)!.status).toBe('stopped'), 20_000)
    } finally {
      await next.close()
    }
    expect(JSON.parse(readFileSync(join(folder, 'settings', 'settings.json'), 'utf8'))).toMatchObject({
      toldTrainingGoesOn: true,
    })
  }, 120_000)
})

it('a run that ends while the window is not looked at gives a notification, and a click on it leads there', async () => {
  const window = await launch()
  const client = dial(window)!
  const params = { dataset: 'mnist', width: 4, limit: 64, batch: 32, epochs: 1, sampleEvery: 1 }
  const { id } = await client.runs.launch({ kind: 'dcgan', params, name: 'Short one' })
  await vi.waitFor(() => expect(electron.Notification.shown).toHaveLength(1), 60_000)
  expect(electron.Notification.shown[0]!.options.title).toBe('Short one is done')
  electron.Notification.shown[0]!.emit('click')
  expect(window.focused).toBe(true)
  expect(window.loaded.at(-1)).toBe(`app://atelier/index.html#/runs/${id}`)
}, 120_000)
