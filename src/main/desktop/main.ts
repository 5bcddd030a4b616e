import { join } from 'node:path'
import { RPCHandler } from '@orpc/server/message-port'
import { Menu, app, dialog, nativeTheme, protocol, session, shell as systemShell } from 'electron'
import { version } from '../version.ts'
import { guardContents, guardSession } from './guards.ts'
import { libraryArgument, openCore, openFirstLibrary } from './library.ts'
import { menuTemplate } from './menu.ts'
import { developmentOrigins, packagedOrigins } from './origins.ts'
import { usePackagedWorker } from './packaged.ts'
import { APP_PRIVILEGES, APP_SCHEME, APP_URL, appProtocol } from './protocol.ts'
import { openSettings } from './settings.ts'
import { Shell } from './shell.ts'

/**
 * The desktop app's entry: Electron's main process. The core runs in it: better-sqlite3 speaks Node-API alone, so
 * that its prebuilt binding serves Electron's Node as well as the plain one. What trains runs under plain Node, in
 * processes that outlive this one (packaged.ts says where that Node and their program lie).
 */
const report = (message: string) => console.error(message)

const devUrl = app.isPackaged ? undefined : process.env.ATELIER_DEV_URL
const origins = devUrl ? developmentOrigins(devUrl) : packagedOrigins

// Before the app is ready, or Chromium does not know the scheme's origin; so nothing is awaited above.
protocol.registerSchemesAsPrivileged([APP_PRIVILEGES])
app.enableSandbox()
if (!origins.development) {
  // Atelier's window has no business on any network; names are not even resolved for it.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  app.commandLine.appendSwitch('disable-background-networking')
}

async function start(): Promise<void> {
  if (app.isPackaged) usePackagedWorker(process.resourcesPath)
  const settings = openSettings(join(app.getPath('userData'), 'settings.json'), report)
  let shell: Shell | null = null
  app.on('second-instance', () => shell?.show())
  app.on('activate', () => shell?.show())
  // On macOS an app without windows goes on, and the dock brings its window back.
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  app.on('web-contents-created', (_event, contents) =>
    guardContents(contents, origins, (link) => void systemShell.openExternal(link)),
  )

  await app.whenReady()
  nativeTheme.themeSource = 'system'
  app.setAboutPanelOptions({
    applicationName: 'Atelier',
    applicationVersion: version,
    version: `Electron ${process.versions.electron}`,
    copyright: 'MIT licence',
  })
  guardSession(session.defaultSession, origins)
  protocol.handle(APP_SCHEME, appProtocol(join(app.getAppPath(), 'dist', 'renderer')))

  const core = await openFirstLibrary(settings, libraryArgument(process.argv))
  if (core === null) {
    app.quit()
    return
  }
  const running = (shell = new Shell(core, {
    url: devUrl ?? APP_URL,
    origins,
    preload: join(app.getAppPath(), 'dist', 'main', 'desktop', 'preload.cjs'),
    version,
    settings,
    openCore,
    upgradeOf: (of) => {
      const handler = new RPCHandler(of.router)
      return (port) => handler.upgrade(port)
    },
  }))
  app.on('before-quit', (event) => running.beforeQuit(event))
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(
        {
          chooseLibrary: () => void running.chooseLibrary(),
          openLibraryFolder: () => running.openLibraryFolder(),
          about: () => app.showAboutPanel(),
          openLink: (url) => running.openLink(url),
        },
        { platform: process.platform, development: !app.isPackaged },
      ),
    ),
  )
  running.start()
}

if (app.requestSingleInstanceLock()) {
  process.on('unhandledRejection', (reason) => report(`Unexpected: ${reason instanceof Error ? reason.stack : reason}`))
  start().catch((error: unknown) => {
    report(`Atelier could not start: ${error instanceof Error ? error.stack : error}`)
    dialog.showErrorBox('Atelier could not start.', error instanceof Error ? error.message : String(error))
    app.exit(1)
  })
} else {
  app.quit()
}
