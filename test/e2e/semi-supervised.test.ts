import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { servedApp } from './support.ts'

/** Few labels on real MNIST, as a user goes: real browser, core, workers; small networks, so that it takes a minute. */
describe('semi-supervised learning in a browser', { timeout: 300_000 }, () => {
  const app = servedApp()

  const fill = async (label: string, value: string) => app.page.getByLabel(label, { exact: true }).first().fill(value)
  const rowOf = (name: string) => app.page.getByRole('row').filter({ hasText: name })
  const chooseKind = async (title: string) => {
    await app.goTo('#/launch')
    await app.page.getByRole('radio', { name: title }).first().click()
  }
  const launchButton = () => app.page.getByRole('button', { name: /^Launch/ }).last()
  const shownAccuracy = async () =>
    /Accuracy\s*([\d.]+)\s*%/.exec((await app.page.locator('main').innerText()).replace(/\n/g, ' '))![1]!
  let accuracy: string

  it('greets an empty library with the quick study, and with the figures of others', async () => {
    await app.goTo('#/results')
    await app.page.getByRole('button', { name: 'Run the quick study (32 runs)' }).waitFor()
  })

  it('refuses more labels than images beside their field', async () => {
    await chooseKind('VAE + SVM (M1)')
    await fill('Training images', '2000')
    await fill('Labels', '3000')
    await app.page
      .getByText('labels must be at most the number of training images (limit is 2000), not 3000.')
      .waitFor()
  })

  it('sweeps two label budgets from one form, on one VAE that is trained first', async () => {
    await fill('Labels', '100,600')
    await fill('VAE epochs', '1')
    await fill('Hidden units', '100')
    await fill('Latent size', '10')
    await launchButton().click()
    await app.page.waitForURL(/#\/runs/)
    await rowOf('vae').first().waitFor()
    await expect
      .poll(() => app.page.getByRole('row').getByText('Done', { exact: true }).count(), { timeout: 120_000 })
      .toBe(3)
    expect(await app.page.getByRole('row').getByText('VAE (M1)').count()).toBeLessThanOrEqual(1)
  })

  it('shows measures that belong together, and the images behind a cell of the confusion matrix', async () => {
    await rowOf('vae-svm').first().getByRole('link').first().click()
    await app.page.waitForURL(/#\/runs\/\w+/)
    await app.page.getByText('Confusion matrix', { exact: true }).waitFor()
    accuracy = await shownAccuracy()
    expect(Number(accuracy)).toBeGreaterThan(20)
    expect(Number(accuracy)).toBeLessThan(100)
    await app.page.getByRole('button', { name: /^All [\d,]+ misclassified$/ }).click()
    await app.page.getByRole('region', { name: 'Misclassified images' }).waitFor()
    const tile = app.page.getByRole('img', { name: /^Test image [\d,]+: \d, taken for \d$/ })
    await expect.poll(() => tile.count()).toBeGreaterThan(8)
  })

  it('tables both budgets beside the paper’s and the homework’s figures, and exports them', async () => {
    await app.goTo('#/results')
    const table = app.page.getByRole('table').first()
    await table.waitFor()
    const text = await table.innerText()
    expect(text).toContain('96.67')
    expect(text).toContain('65.77')
    await app.page.getByRole('button', { name: 'Export' }).click()
    const [download] = await Promise.all([
      app.page.waitForEvent('download'),
      app.page.getByRole('menuitem', { name: 'CSV' }).last().click(),
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
    await app.page.getByRole('radio', { name: 'load' }).click()
    await app.page.getByText('Choose a run…').click()
    await app.page
      .getByRole('option', { name: /vae-svm/ })
      .first()
      .click()
    // The closing menu gives the focus back to where it was.
    await app.page.getByRole('listbox').waitFor({ state: 'detached' })
    await app.page.getByRole('textbox', { name: 'Name' }).fill('loaded again')
    await launchButton().click()
    await app.page.waitForURL(/#\/runs/)
    await app.goTo('#/runs')
    await rowOf('loaded again').getByText('Done', { exact: true }).waitFor({ timeout: 120_000 })
    await rowOf('loaded again').getByRole('link').first().click()
    await app.page.getByText('Confusion matrix', { exact: true }).waitFor()
    expect(await shownAccuracy()).toBe(accuracy)
  })

  it('compares two classifiers: their confusion matrices, and the images that each mistakes', async () => {
    await app.goTo('#/runs')
    for (const row of [rowOf('loaded again').first(), rowOf('vae-svm').last()]) await row.getByRole('checkbox').click()
    await app.page.getByRole('button', { name: 'Compare', exact: true }).first().click()
    await app.page.waitForURL(/#\/compare/)
    const measures = app.page.getByRole('region', { name: 'Measures' })
    await expect.poll(() => measures.getByRole('article').count()).toBe(2)
    await measures
      .getByRole('button', { name: /misclassified$/ })
      .first()
      .click()
    await expect.poll(() => measures.getByRole('region', { name: 'Misclassified images' }).count()).toBe(2)
    // They draw nothing, and have no course.
    expect(await app.page.getByText('Values appear').count()).toBe(0)
    expect(await app.page.getByText('No samples').count()).toBe(0)
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(app.complaints).toEqual([])
  })
})
