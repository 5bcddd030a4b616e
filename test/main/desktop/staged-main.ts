import { registerHooks } from 'node:module'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import type { Contract } from '../../../src/shared/api.ts'
import type * as StandIn from './electron-stand-in.ts'

// A process of its own, for package.test.ts: starts the main process's bundle out of a staged or packed folder, with the
// stand-in for Electron, asks its core what it is, and quits. Arguments: the folder of the app, that of its resources.
const [appFolder, resources] = process.argv.slice(2) as [string, string]
const standIn = new URL('./electron-stand-in.ts', import.meta.url).href
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: standIn, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
})
const electron = (await import(standIn)) as typeof StandIn
const folder = mkdtempSync(join(tmpdir(), 'atelier-staged-'))
electron.app.paths['userData'] = join(folder, 'settings')
electron.app.appPath = appFolder
Object.assign(process, { resourcesPath: resources })
process.argv = ['atelier', '--library', join(folder, 'library')]
process.env['ATELIER_CACHE'] = join(folder, 'cache')

const until = async (what: () => boolean) => {
  for (let i = 0; !what(); i++) {
    if (i > 1000) throw new Error(`The app did not get there: ${JSON.stringify(electron.dialog.shown)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
await import(pathToFileURL(join(appFolder, 'dist/main/desktop/main.js')).href)
await until(() => electron.BrowserWindow.all[0]?.loaded.length === 1)
const { webContents, options } = electron.BrowserWindow.all[0]!
const page = await electron.protocol.handlers.get('app')!(new Request('app://atelier/index.html'))
electron.ipcMain.emit('atelier:ask-port', { sender: webContents, senderFrame: webContents.mainFrame })
const port = webContents.mainFrame.sent[0]!.ports[0]!.thread
const client = createORPCClient<ContractRouterClient<Contract>>(new RPCLink({ port: port as unknown as MessagePort }))
port.start()
const info = await client.app.info()
electron.app.quit()
await until(() => electron.app.exits.length > 0)
rmSync(folder, { recursive: true, force: true })
const { ATELIER_NODE: node, ATELIER_WORKER: worker } = process.env
process.stdout.write(
  `${JSON.stringify({ info, node, worker, page: page.status, preload: options.webPreferences['preload'] })}\n`,
)
process.exit(0)
