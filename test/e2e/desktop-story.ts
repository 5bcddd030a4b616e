import type { Page } from 'playwright-core'
import { expect } from 'vitest'

// What a user does in the desktop's window, told once: for Electron where it is, for Chromium with stand-ins where not.

/** From the empty library to a trained model whose samples are seen. */
export async function trainOne(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Run WGAN-GP against DCGAN on MNIST (quick)' }).waitFor()
  await page.evaluate(() => (location.hash = '#/launch'))
  await page
    .getByRole('radio', { name: 'DCGAN' })
    .or(page.getByRole('button', { name: 'DCGAN' }))
    .first()
    .click()
  await page.getByRole('textbox', { name: 'Name' }).fill(name)
  const values = { 'Training images': '128', Width: '4', Batch: '32', Epochs: '2' }
  for (const [label, value] of Object.entries(values)) await page.getByLabel(label, { exact: true }).first().fill(value)
  await page.getByRole('button', { name: 'Launch', exact: false }).last().click()
  await page.waitForURL(/#\/runs/)
  await page.evaluate(() => (location.hash = '#/runs'))
  const row = page.getByRole('row').filter({ hasText: name })
  await row.getByText('Done', { exact: true }).waitFor({ timeout: 120_000 })
  await row.getByText(name).click()
  await page.waitForURL(/#\/runs\/\w+/)
  const canvas = page.locator('section[aria-label="Samples"] canvas').first()
  const colours = () =>
    canvas.evaluate((element) => {
      const c = element as HTMLCanvasElement
      return new Set(c.getContext('2d')!.getImageData(0, 0, c.width, c.height).data).size
    })
  // An empty canvas has one value, one that is a single grey has two.
  await expect.poll(colours, { timeout: 20_000 }).toBeGreaterThan(2)
}

/** Each line is what a page that was taken over would try, and the answer that it gets. */
export async function tryToBreakOut(page: Page): Promise<Record<string, unknown>> {
  return page.evaluate(async () => {
    const global = globalThis as Record<string, unknown>
    const violations: string[] = []
    addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective))
    const holder = document.createElement('div')
    holder.innerHTML = '<img src="x" onerror="globalThis.pwnedByHandler = true">'
    const script = document.createElement('script')
    script.textContent = 'globalThis.pwnedByScript = true'
    document.body.append(holder, script)
    const frame = document.createElement('iframe')
    frame.src = 'https://example.org/'
    document.body.append(frame)
    const fetched = await fetch('https://example.org/').then(
      () => 'answered',
      () => 'refused',
    )
    // What a driver evaluates may call eval whatever the policy says; a timer's text may not.
    setTimeout('globalThis.pwnedByText = true', 0)
    await new Promise((resolve) => setTimeout(resolve, 500))
    for (const element of [holder, script, frame]) element.remove()
    return {
      node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in global),
      exposed: Object.keys(window.atelier!).sort(),
      handler: 'pwnedByHandler' in global,
      script: 'pwnedByScript' in global,
      text: 'pwnedByText' in global,
      fetched,
      violations: [...new Set(violations)].sort(),
    }
  })
}

export const brokenOut = {
  node: [],
  exposed: ['chooseFolder', 'platform', 'version'],
  handler: false,
  script: false,
  text: false,
  fetched: 'refused',
}
