import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type * as StandIn from '../main/desktop/electron-stand-in.ts'
import { brokenOut, trainOne, tryToBreakOut } from './desktop-story.ts'
import { buildWindow, openBrowser, removeFolder, temporaryFolder } from './support.ts'

const root = resolve(import.meta.dirname, '../..')
const origin = 'http://localhost'

/**
 * The desktop app without Electron's binary: its own main process with core, library and workers; its own protocol
 * handler with its policy; its own preload bundle; the built page; in a real Chromium. Stand-ins are Electron's module and
 * the way of a message between the two processes.
 */
describe('the desktop app in Chromium', { timeout: 180_000 }, () => {
  const folder = temporaryFolder()
  const { argv } = process
  const complaints: string[] = []
  let electron: typeof StandIn
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    buildWindow()
    vi.stubEnv('ATELIER_LIBRARY', '')
    vi.stubEnv('ATELIER_DEV_URL', undefined)
    process.argv = ['atelier', '--library', join(folder, 'library')]
    Object.assign(process, { resourcesPath: join(folder, 'resources') })
    electron = await import('../main/desktop/electron-stand-in.ts')
    vi.doMock('electron', () => electron)
    electron.app.paths['userData'] = join(folder, 'settings')
    electron.app.appPath = root
    await import('../../src/main/desktop/main.ts')
    await vi.waitFor(() => expect(electron.BrowserWindow.all).toHaveLength(1), 20_000)
    browser = await openBrowser()
    page = await openDesktopPage()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    electron.app.quit()
    await vi.waitFor(() => expect(electron.app.exits).toContain('quit'), 20_000)
    process.argv = argv
    vi.unstubAllEnvs()
    removeFolder(folder)
  })

  async function openDesktopPage(): Promise<Page> {
    const opened = await browser.newPage({ viewport: { width: 1360, height: 880 } })
    opened.setDefaultTimeout(30_000)
    opened.on('pageerror', (error) => complaints.push(error.message))
    opened.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    const answer = electron.protocol.handlers.get('app')!
    await opened.route('**', async (route) => {
      const request = route.request()
      if (!request.url().startsWith(`${origin}/`)) return route.abort()
      const url = request.url().replace(origin, 'app://atelier')
      const response = await answer(new Request(url, { method: request.method() }))
      const body = Buffer.from(await response.arrayBuffer())
      return route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body })
    })
    await bridge(opened)
    const preload = readFileSync(join(root, 'dist/main/desktop/preload.cjs'), 'utf8')
    await opened.addInitScript(`(() => {
      const listeners = new Map()
      const ipcRenderer = {
        on: (channel, listener) => listeners.set(channel, listener),
        send: async (channel) => {
          const { port1, port2 } = new MessageChannel()
          const number = await __askPort(channel)
          if (number === null) return
          port2.onmessage = ({ data }) => __toCore(number, data)
          __ports[number] = port2
          listeners.get('atelier:port')({ ports: [port1] })
        },
        invoke: (channel) => __invoke(channel),
      }
      globalThis.__ports = {}
      globalThis.__fromCore = (number, text, base64) =>
        __ports[number].postMessage(text ?? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))
      const contextBridge = { exposeInMainWorld: (name, api) => (globalThis[name] = api) }
      const require = (name) => ({ contextBridge, ipcRenderer })
      const process = { platform: 'linux', argv: ${JSON.stringify(electron.BrowserWindow.all[0]!.options.webPreferences['additionalArguments'])} }
      const module = { exports: {} }
      ${preload}
    })()`)
    await opened.goto(`${origin}/index.html`)
    return opened
  }

  /** The page's end of the core's ports, message by message. */
  async function bridge(opened: Page): Promise<void> {
    const window = electron.BrowserWindow.all[0]!
    const { webContents } = window
    const ports: StandIn.MessagePortMain[] = []
    await opened.exposeFunction('__askPort', (channel: string) => {
      const before = webContents.mainFrame.sent.length
      electron.ipcMain.emit(channel, { sender: webContents, senderFrame: webContents.mainFrame })
      const port = webContents.mainFrame.sent[before]?.ports[0]
      if (!port) return null
      const number = ports.push(port) - 1
      port.thread.on('message', (data: string | Uint8Array) => {
        const text = typeof data === 'string' ? data : null
        const base64 = typeof data === 'string' ? null : Buffer.from(data).toString('base64')
        void opened
          .evaluate(`__fromCore(${number}, ${JSON.stringify(text)}, ${JSON.stringify(base64)})`)
          .catch(() => {})
      })
      return number
    })
    await opened.exposeFunction('__toCore', (number: number, data: unknown) => ports[number]!.thread.postMessage(data))
    await opened.exposeFunction('__invoke', (channel: string) =>
      electron.ipcMain.handlers.get(channel)!({ sender: webContents, senderFrame: webContents.mainFrame }),
    )
  }

  it('trains a model from its window, and shows what it drew', async () => {
    await trainOne(page, 'from the desktop')
    expect(complaints).toEqual([])
  })
  it('has the run again when its page is loaded anew', async () => {
    await page.goto(`${origin}/index.html#/runs`)
    await page.reload()
    await page.getByRole('row').filter({ hasText: 'from the desktop' }).getByText('Done', { exact: true }).waitFor()
    expect(complaints).toEqual([])
  })
  it('lets the user choose the folder of a data set', async () => {
    electron.dialog.answers.push(['/pictures'])
    expect(await page.evaluate(() => window.atelier!.chooseFolder())).toBe('/pictures')
  })
  it('holds a page that was taken over', async () => {
    const { violations, ...rest } = await tryToBreakOut(page)
    expect(rest).toEqual(brokenOut)
    expect(violations).toEqual(['connect-src', 'frame-src', 'script-src', 'script-src-attr', 'script-src-elem'])
  })
})
