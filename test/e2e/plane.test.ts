import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWindow, openBrowser, openPage, removeFolder, serve, temporaryFolder } from './support.ts'
import type { Served } from './support.ts'

/** The homework's second system, as a user goes: draw a parabola, watch a GAN learn it, go back, try another loss. */
describe('a GAN on the plane in a browser', { timeout: 300_000 }, () => {
  const folder = temporaryFolder()
  let served: Served
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    buildWindow()
    served = await serve(folder)
    browser = await openBrowser()
    page = await openPage(browser, served.url, complaints)
  }, 300_000)

  afterAll(async () => {
    await browser?.close()
    await served?.stop()
    removeFolder(folder)
  })

  const goTo = (hash: string) => page.evaluate((to) => (location.hash = to), hash)
  const main = async () => (await page.locator('main').innerText()).replace(/\s+/g, ' ')
  const fill = async (label: string, value: string) => {
    const field = page.getByLabel(label, { exact: true }).first()
    await field.fill(value)
    await field.press('Tab')
  }
  /** The number beside a measure's title. */
  const measure = async (title: string) => Number(new RegExp(`${title} (-?[\\d.]+)`).exec(await main())?.[1] ?? NaN)
  const isDone = () => page.getByText('Done', { exact: true }).first().waitFor({ timeout: 200_000 })

  it('draws nothing, and is told so', async () => {
    await goTo('#/plane')
    await page.getByRole('button', { name: 'Draw', exact: true }).click()
    await page.getByRole('button', { name: 'Train on this' }).click()
    await page.getByText('Nothing is drawn yet. Paint where the points should be.').first().waitFor()
  })

  it('learns a parabola that was drawn with the mouse', async () => {
    const box = (await page.getByLabel(/^Canvas to draw on/).boundingBox())!
    const at = (t: number) => [box.x + box.width * (0.15 + 0.7 * t), box.y + box.height * (0.2 + 2.2 * t * (1 - t))]
    await page.mouse.move(at(0)[0]!, at(0)[1]!)
    await page.mouse.down()
    for (let i = 1; i <= 40; i++) await page.mouse.move(at(i / 40)[0]!, at(i / 40)[1]!)
    await page.mouse.up()
    await fill('Pace', '0')
    await fill('Steps', '3000')
    await page.getByRole('button', { name: 'Train on this' }).click()
    await isDone()
    // Untrained it is about 0.5; 0.03 is what two samples of the parabola itself are apart.
    await expect.poll(() => measure('Sliced W₁'), { timeout: 30_000 }).toBeLessThan(0.12)
    await page.getByText('What one sees').waitFor()
  })

  it('goes back to the first picture and forth to the last', async () => {
    const scrubber = page.getByRole('slider', { name: 'Step shown' }).first()
    await scrubber.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext'), { timeout: 20_000 }).toMatch(/\b0\b/)
    await expect.poll(() => measure('Sliced W₁'), { timeout: 20_000 }).toBeGreaterThan(0.12)
    await page.keyboard.press('End')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext'), { timeout: 20_000 }).toMatch(/3,?000/)
  })

  it('shows the same data under another loss beside it, under one scrubber', async () => {
    await page.getByRole('button', { name: 'Compare with another loss' }).click()
    await page.getByRole('menuitem', { name: 'Least squares' }).click()
    await page.waitForURL(/#\/plane\/compare/)
    await expect.poll(() => page.locator('main canvas').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    const scrubber = page.getByRole('slider', { name: 'Step shown' })
    expect(await scrubber.count()).toBe(1)
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(complaints).toEqual([])
  })
})
