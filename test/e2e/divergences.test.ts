import { beforeAll, describe, expect, it } from 'vitest'
import { servedApp } from './support.ts'

/** The homework's first system, as a user goes: read three divergences at a θ, let a point learn, train the networks. */
describe('divergences in a browser', { timeout: 300_000 }, () => {
  const app = servedApp()
  beforeAll(async () => {
    await app.goTo('#/divergences')
    await app.page.getByRole('heading', { name: 'Divergences', exact: true }).waitFor()
  })

  /** A divergence's row of the table: exact value and slope, learned value and slope, from samples. */
  const row = async (name: string) => {
    const cells = app.page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell')
    return (await cells.allInnerTexts()).map((text) => text.split('\n')[0]!.trim())
  }
  /** A number of it; the page writes minus signs and keeps three digits. */
  const number = async (name: string, cell: number) => Number((await row(name))[cell]!.replace('−', '-'))
  const setTheta = (to: number) => app.page.getByLabel('θ, where all values are read').fill(String(to))
  const learner = () => app.page.getByRole('region', { name: 'A point that learns' })

  it('says at every θ what the closed forms say: KL infinite, JS log 2, Wasserstein |θ|', async () => {
    for (const theta of [0.5, -0.25, 0.03]) {
      await setTheta(theta)
      await expect.poll(() => number('W₁', 0)).toBe(Math.abs(theta))
      expect((await row('W₁'))[1]).toBe(theta > 0 ? '1' : '−1')
      expect((await row('KL\\(P'))[0]).toBe('∞')
      expect((await row('KL\\(Q'))[0]).toBe('∞')
      expect((await row('JS')).slice(0, 2)).toEqual(['0.693', '0'])
    }
    await setTheta(0)
    await expect.poll(async () => (await row('JS'))[0]).toBe('0')
    expect([(await row('W₁'))[0], (await row('KL\\(P'))[0]]).toEqual(['0', '0'])
  })

  it('lets a point learn: only under Wasserstein does it arrive', async () => {
    const step = learner().locator('input[type=range]').first()
    await step.fill((await step.getAttribute('max'))!)
    const outcomes = learner().getByText(/^(arrives|stands still|moves)$/)
    await expect
      .poll(() => outcomes.allInnerTexts())
      .toEqual(['stands still', 'stands still', 'stands still', 'arrives'])
  })

  it('refuses a θ that is no number, and says why', async () => {
    const field = app.page.getByLabel('θ from')
    await field.fill('far')
    await app.page.getByRole('form', { name: 'Setup' }).getByRole('alert').waitFor()
    expect(await app.page.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true)
    await field.fill('-1')
    await app.page.getByRole('form', { name: 'Setup' }).getByRole('alert').waitFor({ state: 'detached' })
  })

  it('trains critics and discriminators, whose slopes say the same', async () => {
    await app.page.getByRole('radio', { name: 'Quick' }).click()
    await app.page.getByRole('button', { name: 'Train', exact: true }).click()
    await app.page.waitForURL(/run=/)
    await app.page.getByText('Done', { exact: true }).first().waitFor({ timeout: 200_000 })
    await setTheta(0.5)
    const [value, slope] = [2, 3]
    await expect.poll(() => number('W₁', value)).toBeGreaterThan(0.35)
    expect(await number('W₁', value)).toBeLessThan(0.65)
    expect(await number('W₁', slope)).toBeGreaterThan(0.7)
    // A discriminator that tells them apart is sure of it, and flat.
    expect(await number('JS', value)).toBeGreaterThan(0.6)
    expect(Math.abs(await number('JS', slope))).toBeLessThan(0.4)
    // The recorded point that followed the critic, and the one that followed the discriminator.
    await expect.poll(async () => await learner().getByText('critic', { exact: true }).count()).toBeGreaterThan(0)
  })

  it('says all of it in Hebrew as well, from right to left, and keeps the formulas', async () => {
    await app.page.getByRole('radio', { name: 'עברית' }).click()
    await app.page.getByRole('heading', { name: 'מרחקים בין התפלגויות' }).waitFor()
    expect(await app.page.locator('[lang=he]').first().getAttribute('dir')).toBe('rtl')
    expect(await number('W₁', 0)).toBe(0.5)
    await app.page.getByRole('radio', { name: 'English' }).click()
    await app.page.getByRole('heading', { name: 'Divergences', exact: true }).waitFor()
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(app.complaints).toEqual([])
  })
})
