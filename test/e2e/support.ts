import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
// @ts-expect-error plain JavaScript, shared with the set-up
import { findChromium } from '../../scripts/lib/chromium.mjs'

const root = path.resolve(import.meta.dirname, '../..')

/** Builds the window from the sources that are tested; the build is skipped when nothing has changed. */
export function buildWindow(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'pipe' })
}

export const temporaryFolder = (): string => mkdtempSync(path.join(os.tmpdir(), 'atelier-e2e-'))
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })

/** The app as `npm start` serves it where there is no Electron: a process of its own on a free port. */
interface Served {
  url: string
  process: ChildProcess
  /** Ends the core; what trains goes on. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

async function serve(folder: string): Promise<Served> {
  const child = spawn(
    process.execPath,
    ['src/main/serve.ts', '--library', path.join(folder, 'library'), '--port', '0'],
    {
      cwd: root,
      env: { ...process.env, ATELIER_CACHE: path.join(folder, 'cache') },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const take = (chunk: Buffer) => {
      output += chunk.toString()
      const found = /http:\/\/\S+/.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    void exited.then(() => reject(new Error(`serve ended before it printed its address:\n${output}`)))
  })
  return {
    url,
    process: child,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}

export async function openBrowser(): Promise<Browser> {
  const { executablePath, args } = (await findChromium()) as { executablePath: string; args: string[] }
  return chromium.launch({ executablePath, args, headless: true })
}

/** A page whose errors and requests to other hosts are added to `complaints`, to be asserted empty at the end. */
async function openPage(browser: Browser, url: string, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.setDefaultTimeout(60_000)
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
  })
  const { host } = new URL(url)
  page.on('request', (request) => {
    const to = new URL(request.url())
    if (/^(https?|wss?):$/.test(to.protocol) && to.host !== host) complaints.push(`request to ${to.host}`)
  })
  await page.goto(url)
  return page
}

/** The window of an empty library in a browser, for the tests of one `describe`. */
export interface App {
  page: Page
  /** What went wrong in the page, and requests to other hosts. */
  complaints: string[]
  goTo(hash: string): Promise<unknown>
  /** Closes the page, kills the core and starts both again on the same library. */
  startAgain(): Promise<void>
}

/** Opens the app before the tests of a `describe` and closes it after them; its page is there once they run. */
export function servedApp(): App {
  const folder = temporaryFolder()
  const complaints: string[] = []
  let served: Served | undefined
  let browser: Browser | undefined
  const start = async () => {
    served = await serve(folder)
    browser ??= await openBrowser()
    app.page = await openPage(browser, served.url, complaints)
  }
  const app: Omit<App, 'page'> & { page?: Page } = {
    complaints,
    goTo: (hash) => app.page!.evaluate((to) => (location.hash = to), hash),
    async startAgain() {
      await app.page!.close()
      await served!.stop('SIGKILL')
      await start()
    },
  }
  beforeAll(async () => {
    buildWindow()
    await start()
  }, 300_000)
  afterAll(async () => {
    await browser?.close()
    await served?.stop()
    removeFolder(folder)
  })
  return app as App
}
