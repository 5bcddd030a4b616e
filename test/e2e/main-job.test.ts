import { describe, expect, it } from 'vitest'
import { servedApp } from './support.ts'

/** From the empty library to two compared runs, as a user goes: real browser, core, workers, MNIST. */
describe('the main job in a browser', { timeout: 300_000 }, () => {
  const app = servedApp()

  const rowOf = (name: string) => app.page.getByRole('row').filter({ hasText: name })
  const statusOf = async (name: string, status: string) =>
    rowOf(name).getByText(status, { exact: true }).waitFor({ timeout: 200_000 })

  async function launch(kind: string, name: string, values: Record<string, string>): Promise<void> {
    await app.goTo('#/launch')
    await app.page
      .getByRole('radio', { name: kind })
      .or(app.page.getByRole('button', { name: kind }))
      .first()
      .click()
    await app.page.getByRole('textbox', { name: 'Name' }).fill(name)
    for (const [label, value] of Object.entries(values))
      await app.page.getByLabel(label, { exact: true }).first().fill(value)
    await app.page.getByRole('button', { name: 'Launch', exact: false }).last().click()
    await app.page.waitForURL(/#\/runs/)
  }

  it('greets an empty library with one button that queues both models', async () => {
    await app.page.getByRole('button', { name: 'Run WGAN-GP against DCGAN on MNIST (quick)' }).click()
    await app.goTo('#/runs')
    await statusOf('wgan-gp', 'Running')
    await statusOf('dcgan', 'Queued')
  })

  it('shows losses and samples that grow while it trains', async () => {
    await rowOf('wgan-gp').getByText('wgan-gp 1').click()
    await app.page.waitForURL(/#\/runs\/\w+/)
    await app.page.getByText('Epoch 1 ·').waitFor()
    const step = async () =>
      Number(
        /Step\s*([\d,]+)/.exec((await app.page.locator('main').innerText()).replace(/\n/g, ' '))![1]!.replace(/,/g, ''),
      )
    const before = await step()
    await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(before)
    // The samples are really drawn: not one colour.
    const colours = await app.page
      .locator('section[aria-label="Samples"] canvas')
      .first()
      .evaluate((canvas) => {
        const c = canvas as HTMLCanvasElement
        return new Set(c.getContext('2d')!.getImageData(0, 0, c.width, c.height).data).size
      })
    expect(colours).toBeGreaterThan(8)
  })

  it('pauses, resumes and stops a run', async () => {
    await app.page.getByRole('button', { name: 'Pause', exact: true }).click()
    await app.page.getByText('Paused', { exact: true }).first().waitFor()
    await app.page.getByRole('button', { name: 'Resume', exact: true }).click()
    await app.goTo('#/runs')
    // The other run has taken the slot meanwhile; stop it, and the first goes on.
    await statusOf('dcgan', 'Running')
    await rowOf('dcgan').getByText('dcgan 2').click()
    await app.page.getByRole('button', { name: 'Stop', exact: true }).click()
    await app.page.getByText('Stopped', { exact: true }).first().waitFor()
    await app.goTo('#/runs')
    await statusOf('wgan-gp', 'Running')
    await rowOf('wgan-gp').getByText('wgan-gp 1').click()
    await app.page.getByRole('button', { name: 'Stop', exact: true }).click()
    await app.page.getByText('Stopped', { exact: true }).first().waitFor()
  })

  it('refuses a value out of range beside its field', async () => {
    await app.goTo('#/launch')
    await app.page.getByLabel('Batch', { exact: true }).first().fill('0')
    await app.page.getByText('batch must be a whole number from 2 to 4096, not 0.').first().waitFor()
  })

  it('trains what the form says to the end', async () => {
    const values = { 'Training images': '512', Width: '4', Batch: '32', Epochs: '3' }
    await launch('WGAN-GP', 'small wgan', { ...values, 'Checkpoint every': '3' })
    await launch('DCGAN', 'small dcgan', { ...values, 'Checkpoint every': '3' })
    await app.goTo('#/runs')
    await statusOf('small wgan', 'Done')
    await statusOf('small dcgan', 'Done')
  })

  it('compares two runs under one scrubber', async () => {
    for (const name of ['small wgan', 'small dcgan']) await rowOf(name).getByRole('checkbox').click()
    await app.page.getByRole('button', { name: 'Compare', exact: true }).first().click()
    await app.page.waitForURL(/#\/compare/)
    const slider = app.page.getByRole('slider').last()
    await slider.focus()
    await app.page.keyboard.press('End')
    await app.page.getByText('Epoch 3').first().waitFor()
    await app.page.keyboard.press('Home')
    await app.page.getByText('Epoch 0').first().waitFor()
    for (const table of ['Parameters', 'Newest values'])
      expect(await app.page.getByRole('heading', { name: table, exact: true }).count()).toBe(1)
  })

  it('has everything again after the app was closed', async () => {
    await app.startAgain()
    await app.goTo('#/runs')
    for (const [name, status] of [
      ['small wgan', 'Done'],
      ['small dcgan', 'Done'],
      ['wgan-gp 1', 'Stopped'],
    ] as const)
      await statusOf(name, status)
  })

  it('moves a run to the bin, and takes it back', async () => {
    await rowOf('wgan-gp 1').getByRole('checkbox').click()
    await app.page.getByRole('button', { name: 'Remove', exact: false }).first().click()
    await app.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await rowOf('wgan-gp 1').waitFor({ state: 'detached' })
    await app.page.getByRole('button', { name: 'Undo' }).click()
    await rowOf('wgan-gp 1').waitFor()
  })

  it('shows the bin, and empties it once the user has said yes', async () => {
    await rowOf('wgan-gp 1').getByRole('checkbox').click()
    await app.page.getByRole('button', { name: 'Remove', exact: false }).first().click()
    await app.page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click()
    await rowOf('wgan-gp 1').waitFor({ state: 'detached' })
    await app.page.getByRole('link', { name: 'Bin', exact: true }).click()
    await app.page.getByRole('button', { name: 'Restore wgan-gp 1' }).waitFor()
    await app.page.getByRole('button', { name: 'Empty the bin' }).click()
    await app.page.getByRole('dialog').getByRole('button', { name: 'Empty the bin' }).click()
    await app.page.getByText('The bin is empty').waitFor()
    await app.page.getByText('1 run deleted for good').first().waitFor()
  })

  it('keeps a setting with the library', async () => {
    await app.page.getByRole('link', { name: 'Settings', exact: true }).click()
    await app.page.getByRole('radio', { name: 'Pause', exact: true }).click()
    await app.page.getByText('ends with the checkpoint from before, and can be resumed').waitFor()
    await app.page.reload()
    await app.page.getByRole('radio', { name: 'Pause', exact: true, checked: true }).waitFor()
  })

  it('asked nothing of any other host, and nothing failed in the page', () => {
    expect(app.complaints).toEqual([])
  })
})
