import { basename } from 'node:path'
import { BrowserWindow, MessageChannelMain, Notification, app, dialog, ipcMain, shell } from 'electron'
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron'
import { NoticeSum, watchHappenings } from '../../shared/notices.ts'
import type { Notice } from '../../shared/notices.ts'
import type { Core } from '../core.ts'
import { leavingNotice } from './notifications.ts'
import { externalLink, isOurFrame } from './origins.ts'
import type { PageOrigins } from './origins.ts'
import { servePort } from './ports.ts'
import type { PortUpgrade } from './ports.ts'
import type { SettingsFile } from './settings.ts'
import { load, openWindow } from './window.ts'

export interface ShellOptions {
  url: string
  origins: PageOrigins
  preload: string
  version: string
  settings: SettingsFile
  /** Opens a library. @throws With a message for the user when it can't be. */
  openCore(libraryDirectory: string): Promise<Core>
  /** What serves a core's API on a port. */
  upgradeOf(core: Core): PortUpgrade
}

/** The app while it runs: one open library, one window on it, and the ports between the two. */
export class Shell {
  private readonly options: ShellOptions
  private core: Core
  private window: BrowserWindow | null = null
  private readonly ports = new Map<WebContents, () => void>()
  private watching = new AbortController()
  /** What happened since the window was last looked at, and the notification that says so. */
  private readonly unseen = new NoticeSum()
  private notification: Notification | null = null
  private leaving: 'no' | 'asked' | 'closed' = 'no'

  constructor(core: Core, options: ShellOptions) {
    this.core = core
    this.options = options
  }

  /** Answers the page, watches the runs and opens the window. */
  start(): void {
    ipcMain.on('atelier:ask-port', (event) => this.givePort(event))
    ipcMain.handle('atelier:choose-folder', (event) => this.chooseFolder(event))
    this.watchRuns()
    this.show()
  }

  /** Brings the window to the front; opens it when it is closed. */
  show(): void {
    if (this.leaving !== 'no') return
    if (this.window) {
      if (this.window.isMinimized()) this.window.restore()
      this.window.focus()
      return
    }
    const { url, preload, version, settings } = this.options
    const window = openWindow({
      url,
      preload,
      version,
      settings,
      title: this.title(),
      onPageLost: (lost, reason) => void this.pageLost(lost, reason),
    })
    const contents = window.webContents
    contents.once('destroyed', () => this.closePort(contents))
    window.on('focus', () => this.seen())
    window.on('closed', () => {
      if (this.window === window) this.window = null
    })
    this.window = window
  }

  /** Lets the user choose another library folder; one that can't be opened is told, and the present one stays. */
  async chooseLibrary(): Promise<void> {
    const folder = await this.askFolder('Choose a library folder')
    if (folder === null || folder === this.core.library.directory) return
    let next: Core
    try {
      next = await this.options.openCore(folder)
    } catch (error) {
      await this.message('error', 'The library could not be opened.', (error as Error).message)
      return
    }
    const last = this.core
    this.core = next
    this.options.settings.set({ library: folder })
    this.watching.abort()
    this.seen()
    this.watchRuns()
    this.closePorts()
    this.window?.setTitle(this.title())
    if (this.window) void load(this.window, this.options.url)
    await last.close()
  }

  openLibraryFolder(): void {
    void shell.openPath(this.core.library.directory)
  }

  openLink(url: string): void {
    const link = externalLink(url)
    if (link !== null) void shell.openExternal(link)
  }

  /**
   * The `before-quit` handler: holds the app until the library is closed. The first time that runs are left training
   * the user is told that they go on.
   */
  beforeQuit(event: { preventDefault(): void }): void {
    if (this.leaving === 'closed') return
    event.preventDefault()
    if (this.leaving === 'asked') return
    this.leaving = 'asked'
    void this.leave()
  }

  private async leave(): Promise<void> {
    try {
      const { settings } = this.options
      const notice = settings.get().toldTrainingGoesOn ? null : leavingNotice(await this.core.client.runs.list())
      if (notice !== null) {
        settings.set({ toldTrainingGoesOn: true })
        await this.message('info', 'Training goes on.', notice)
      }
      this.watching.abort()
      this.closePorts()
      await this.core.close()
    } catch (error) {
      // An app that can't be quit is worse than a library that recovers at the next start, as after a crash.
      console.error(`The library was not closed in order: ${(error as Error).message}`)
    }
    this.leaving = 'closed'
    app.quit()
  }

  private givePort(event: IpcMainEvent): void {
    const frame = event.senderFrame
    if (!isOurFrame(frame, this.options.origins) || event.sender !== this.window?.webContents) {
      console.error(`A page that is not Atelier's asked for the core: ${frame?.url ?? 'a frame that is gone'}`)
      return
    }
    this.closePort(event.sender)
    const { port1, port2 } = new MessageChannelMain()
    const close = servePort(port1, this.options.upgradeOf(this.core), (fault) =>
      console.error(`The window sent ${fault}; its connection is closed.`),
    )
    this.ports.set(event.sender, close)
    frame.postMessage('atelier:port', null, [port2])
  }

  private closePort(contents: WebContents): void {
    this.ports.get(contents)?.()
    this.ports.delete(contents)
  }

  private closePorts(): void {
    for (const contents of this.ports.keys()) this.closePort(contents)
  }

  private async chooseFolder(event: IpcMainInvokeEvent): Promise<string | null> {
    if (!isOurFrame(event.senderFrame, this.options.origins) || event.sender !== this.window?.webContents)
      throw new Error("Only Atelier's own page may ask for a folder.")
    return this.askFolder('Choose a folder of images')
  }

  private async askFolder(title: string): Promise<string | null> {
    const options = { title, properties: ['openDirectory' as const, 'createDirectory' as const] }
    const { canceled, filePaths } = await (this.window
      ? dialog.showOpenDialog(this.window, options)
      : dialog.showOpenDialog(options))
    return canceled ? null : (filePaths[0] ?? null)
  }

  private async message(type: 'info' | 'error', message: string, detail: string, buttons = ['OK']): Promise<number> {
    const options = { type, title: 'Atelier', message, detail, buttons, noLink: true }
    const { response } = await (this.window
      ? dialog.showMessageBox(this.window, options)
      : dialog.showMessageBox(options))
    return response
  }

  private async pageLost(window: BrowserWindow, reason: string): Promise<void> {
    const detail = `It ended with "${reason}" several times within a minute. Training is not touched by this.`
    const response = await this.message('error', "Atelier's window stopped working.", detail, ['Load it again', 'Quit'])
    if (response === 1) app.quit()
    else if (!window.isDestroyed()) void load(window, this.options.url)
  }

  private watchRuns(): void {
    const { signal } = (this.watching = new AbortController())
    const { client } = this.core
    const happenings = watchHappenings()
    const watch = async () => {
      for await (const change of await client.runs.watch(undefined, { signal })) {
        const news = happenings(change)
        // A window that is looked at says it itself.
        if (!news.length || this.window?.isFocused() || !Notification.isSupported()) continue
        if (!(await client.app.settings()).notify) continue
        const notice = this.unseen.add(news)
        if (notice) this.notify(notice)
      }
    }
    watch().catch((error: unknown) => {
      if (!signal.aborted) console.error(`Notifications have stopped: ${(error as Error).message}`)
    })
  }

  /** There is one notification at a time: a newer one says what it said too, and takes its place without a sound. */
  private notify({ runId, title, body }: Notice): void {
    const last = this.notification
    last?.close()
    const notification = new Notification({ title, body, silent: last !== null })
    this.notification = notification
    notification.on('click', () => {
      this.show()
      // The page's router reads the hash, so the page is not loaded anew.
      const place = runId === null ? '/runs' : `/runs/${encodeURIComponent(runId)}`
      if (this.window) void load(this.window, `${this.options.url}#${place}`)
      this.seen()
    })
    notification.show()
  }

  /** The user has come to look: what happens from now on is told anew. */
  private seen(): void {
    this.unseen.seen()
    this.notification?.close()
    this.notification = null
  }

  private title(): string {
    return `${basename(this.core.library.directory) || this.core.library.directory} – Atelier`
  }
}
