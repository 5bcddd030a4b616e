import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildWindow, openBrowser, openPage, removeFolder, serve, temporaryFolder } from './support.ts'
import type { Served } from './support.ts'

/** Few labels on real MNIST, as a user goes: real browser, core, workers; small networks, so that it takes a minute. */
describe('semi-supervised learning in a browser', { timeout: 300_000 }, () => {
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
  const fill = async (label: string, value: string) => page.getByLabel(label, { exact: true }).first().fill(value)
  const rowOf = (name: string) => page.getByRole('row').filter({ hasText: name })
  const chooseKind = async (title: string) => {
    await goTo('#/launch')
    await page.getByRole('radio', { name: title }).first().click()
  }
  const launchButton = () => page.getByRole('button', { name: /^Launch/ }).last()
  const shownAccuracy = async () =>
    /Accuracy\s*([\d.]+)\s*%/.exec((await page.locator('main').innerText()).replace(/\n/g, ' '))![1]!
  let accuracy: string

  it('greets an empty library with the quick study, and with the figures of others', async () => {
    await goTo('#/results')
    await page.getByRole('button', { name: 'Run the quick study (32 runs)' }).waitFor()
  })

  it('refuses more labels than images beside their field', async () => {
    await chooseKind('VAE + SVM (M1)')
    await fill('Training images', '2000')
    await fill('Labels', '3000')
    await page.getByText('labels must be at most the number of training images (limit is 2000), not 3000.').waitFor()
  })

  it('sweeps two label budgets from one form, on one VAE that is trained first', async () => {
    await fill('Labels', '100,600')
    await fill('VAE epochs', '1')
    await fill('Hidden units', '100')
    await fill('Latent size', '10')
    await launchButton().click()
    await page.waitForURL(/#\/runs/)
    await rowOf('vae').first().waitFor()
    await expect
      .poll(() => page.getByRole('row').getByText('Done', { exact: true }).count(), { timeout: 120_000 })
      .toBe(3)
    expect(await page.getByRole('row').getByText('VAE (M1)').count()).toBeLessThanOrEqual(1)
  })

  it('shows measures that belong together, and the images behind a cell of the confusion matrix', async () => {
    await rowOf('vae-svm').first().getByRole('link').first().click()
    await page.waitForURL(/#\/runs\/\w+/)
    await page.getByText('Confusion matrix', { exact: true }).waitFor()
    accuracy = await shownAccuracy()
    expect(Number(accuracy)).toBeGreaterThan(20)
    expect(Number(accuracy)).toBeLessThan(100)
    await page.getByRole('button', { name: /^All [\d,]+ misclassified$/ }).click()
    await page.getByRole('region', { name: 'Misclassified images' }).waitFor()
    const tile = page.getByRole('img', { name: /^Test image [\d,]+: \d, taken for \d$/ })
    await expect.poll(() => tile.count()).toBeGreaterThan(8)
  })

  it('tables both budgets beside the paper’s and the homework’s figures, and exports them', async () => {
    await goTo('#/results')
    const table = page.getByRole('table').first()
    await table.waitFor()
    const text = await table.innerText()
    expect(text).toContain('96.67')
    expect(text).toContain('65.77')
    await page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV' }).last().click(),
    ])
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n')
    expect(lines[0]).toBe('dataset,method,source,labels,measure,mean,std,n,runs')
    const ours = lines.filter((line) => line.startsWith('mnist,') && !/Kingma|homework/i.test(line))
    expect(ours).toHaveLength(2)
  })

  it('loads the saved model, with the identical figures and without training', async () => {
    await chooseKind('VAE + SVM (M1)')
    await fill('Labels', '100')
    await page.getByRole('radio', { name: 'load' }).click()
    await page.getByText('Choose a run…').click()
    await page
      .getByRole('option', { name: /vae-svm/ })
      .first()
      .click()
    // The closing menu gives the focus back to where it was.
    await page.getByRole('listbox').waitFor({ state: 'detached' })
    await page.getByRole('textbox', { name: 'Name' }).fill('loaded again')
    await launchButton().click()
    await page.waitForURL(/#\/runs/)
    await goTo('#/runs')
    await rowOf('loaded again').getByText('Done', { exact: true }).waitFor({ timeout: 120_000 })
    await rowOf('loaded again').getByRole('link').first().click()
    await page.getByText('Confusion matrix', { exact: true }).waitFor()
    expect(await shownAccuracy()).toBe(accuracy)
  })

  it('compares two classifiers: their confusion matrices, and the images that each mistakes', async () => {
    await goTo('#/runs')
    for (const row of [rowOf('loaded again').first(), rowOf('vae-svm').last()]) await row.getByRole('checkbox').click()
    await page.getByRole('button', { name: 'Compare', exact: true }).first().click()
    await page.waitForURL(/#\/compare/)
    const measures = page.getByRole('region', { name: 'Measures' })
    await expect.poll(() => measures.getByRole('article').count()).toBe(2)
    await measures
      .getByRole('button', { name: /misclassified$/ })
      .first()
      .click()
    await expect.poll(() => measures.getByRole('region', { name: 'Misclassified images' }).count()).toBe(2)
    // They draw nothing, and have no course.
    expect(await page.getByText('Values appear').count()).toBe(0)
    expect(await page.getByText('No samples').count()).toBe(0)
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(complaints).toEqual([])
  })
})
