import { describe, expect, it } from 'vitest'
import { servedApp } from './support.ts'

/** The homework's second system, as a user goes: draw a parabola, watch a GAN learn it, go back, try another loss. */
describe('a GAN on the plane in a browser', { timeout: 300_000 }, () => {
  const app = servedApp()

  const main = async () => (await app.page.locator('main').innerText()).replace(/\s+/g, ' ')
  const fill = async (label: string, value: string) => {
    const field = app.page.getByLabel(label, { exact: true }).first()
    await field.fill(value)
    await field.press('Tab')
  }
  /** The number beside a measure's title. */
  const measure = async (title: string) => Number(new RegExp(`${title} (-?[\\d.]+)`).exec(await main())?.[1] ?? NaN)
  const isDone = () => app.page.getByText('Done', { exact: true }).first().waitFor({ timeout: 200_000 })

  it('draws nothing, and is told so', async () => {
    await app.goTo('#/plane')
    await app.page.getByRole('button', { name: 'Draw', exact: true }).click()
    await app.page.getByRole('button', { name: 'Train on this' }).click()
    await app.page.getByText('Nothing is drawn yet. Paint where the points should be.').first().waitFor()
  })

  it('learns a parabola that was drawn with the mouse', async () => {
    const box = (await app.page.getByLabel(/^Canvas to draw on/).boundingBox())!
    const at = (t: number) => [box.x + box.width * (0.15 + 0.7 * t), box.y + box.height * (0.2 + 2.2 * t * (1 - t))]
    await app.page.mouse.move(at(0)[0]!, at(0)[1]!)
    await app.page.mouse.down()
    for (let i = 1; i <= 40; i++) await app.page.mouse.move(at(i / 40)[0]!, at(i / 40)[1]!)
    await app.page.mouse.up()
    await fill('Pace', '0')
    await fill('Steps', '3000')
    await app.page.getByRole('button', { name: 'Train on this' }).click()
    await isDone()
    // Untrained it is about 0.5; 0.03 is what two samples of the parabola itself are apart.
    await expect.poll(() => measure('Sliced W₁'), { timeout: 30_000 }).toBeLessThan(0.12)
    await app.page.getByText('What one sees').waitFor()
  })

  it('goes back to the first picture and forth to the last', async () => {
    const scrubber = app.page.getByRole('slider', { name: 'Step shown' }).first()
    await scrubber.focus()
    await app.page.keyboard.press('Home')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext'), { timeout: 20_000 }).toMatch(/\b0\b/)
    await expect.poll(() => measure('Sliced W₁'), { timeout: 20_000 }).toBeGreaterThan(0.12)
    await app.page.keyboard.press('End')
    await expect.poll(() => scrubber.getAttribute('aria-valuetext'), { timeout: 20_000 }).toMatch(/3,?000/)
  })

  it('shows the same data under another loss beside it, under one scrubber', async () => {
    await app.page.getByRole('button', { name: 'Compare with another loss' }).click()
    await app.page.getByRole('menuitem', { name: 'Least squares' }).click()
    await app.page.waitForURL(/#\/plane\/compare/)
    await expect.poll(() => app.page.locator('main canvas').count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    const scrubber = app.page.getByRole('slider', { name: 'Step shown' })
    expect(await scrubber.count()).toBe(1)
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(app.complaints).toEqual([])
  })
})
