import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { brokenOut, trainOne, tryToBreakOut } from './desktop-story.ts'
import { buildWindow, removeFolder, temporaryFolder } from './support.ts'

const root = resolve(import.meta.dirname, '../..')
const { findElectron, hasDisplay } = (await import(pathToFileURL(join(root, 'scripts/lib/electron.mjs')).href)) as {
  findElectron(): string | null
  hasDisplay(): boolean
}
const executable = findElectron()
/** Electron's binary is fetched from outside npm's registry, so it is not on every machine. */
const missing =
  executable === null
    ? 'Electron’s binary is not here; ELECTRON_OVERRIDE_DIST_PATH names one'
    : hasDisplay()
      ? null
      : 'there is no screen; run under xvfb-run'

describe.skipIf(missing !== null)(
  `the desktop app in Electron${missing === null ? '' : ` (skipped: ${missing})`}`,
  { timeout: 180_000 },
  () => {
    const folder = temporaryFolder()
    const complaints: string[] = []
    let app: ElectronApplication
    let page: Page

    async function start(): Promise<void> {
      // Chromium refuses its sandbox to root, which is what a container often runs as.
      const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
      app = await _electron.launch({
        executablePath: executable!,
        args: [...asRoot, root, `--library=${join(folder, 'library')}`, `--user-data-dir=${join(folder, 'settings')}`],
        env: {
          ...process.env,
          ATELIER_CACHE: join(folder, 'cache'),
          ATELIER_LIBRARY: '',
          ATELIER_DEV_URL: '',
        } as Record<string, string>,
      })
      page = await app.firstWindow()
      page.setDefaultTimeout(30_000)
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
    }
    beforeAll(async () => {
      buildWindow()
      await start()
    }, 300_000)
    afterAll(async () => {
      await app?.close()
      removeFolder(folder)
    })

    it('opens its page over app://, in a sandboxed window named after the library', async () => {
      expect(page.url()).toMatch(/^app:\/\/atelier\/index\.html/)
      const window = await app.evaluate(({ BrowserWindow }) => {
        const [one, ...others] = BrowserWindow.getAllWindows()
        return { title: one!.getTitle(), others: others.length, visible: one!.isVisible() }
      })
      expect(window).toMatchObject({ title: 'library – Atelier', others: 0 })
      expect(await page.evaluate(() => ({ secure: isSecureContext, origin: location.origin }))).toEqual({
        secure: true,
        origin: 'app://atelier',
      })
    })
    it('trains a model from its window, and shows what it drew', async () => {
      await trainOne(page, 'from the desktop')
      expect(complaints).toEqual([])
    })
    it('holds a page that was taken over', async () => {
      const { violations, ...rest } = await tryToBreakOut(page)
      expect(rest).toEqual(brokenOut)
      expect(violations).toEqual(expect.arrayContaining(['connect-src', 'script-src-attr', 'script-src-elem']))
      const opened = await page.evaluate(() => window.open('https://example.org/') === null)
      expect(opened).toBe(true)
      await page.evaluate(() => (location.href = 'https://example.org/'))
      await page.waitForTimeout(500)
      expect(page.url()).toMatch(/^app:\/\/atelier\//)
      expect(app.windows()).toHaveLength(1)
      const denied = await page.evaluate(async () => (await navigator.permissions.query({ name: 'geolocation' })).state)
      expect(denied).toBe('denied')
      const outside = await page.evaluate(async () => {
        const paths = ['/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/..%5c..%5cpackage.json']
        return Promise.all(paths.map(async (path) => (await fetch(path)).status))
      })
      for (const status of outside) expect([400, 404]).toContain(status)
    })
    it('has the run again after it was closed', async () => {
      await app.close()
      await start()
      await page.evaluate(() => (location.hash = '#/runs'))
      await page.getByRole('row').filter({ hasText: 'from the desktop' }).getByText('Done', { exact: true }).waitFor()
    })
  },
)
