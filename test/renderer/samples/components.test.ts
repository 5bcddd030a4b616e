import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import SampleGrid from '../../../src/renderer/components/samples/SampleGrid.vue'
import ScrubBar from '../../../src/renderer/components/samples/ScrubBar.vue'
import { useScrubber } from '../../../src/renderer/components/samples/use-scrubber.ts'
import type { Decoded } from '../../../src/renderer/stores/sample-images.ts'

beforeEach(() => void setActivePinia(createPinia()))

const grid = { columns: 4, rows: 4, tileWidth: 28, tileHeight: 28 }
const image = { image: { width: 112, height: 112 } as ImageBitmap, png: new Blob() } satisfies Decoded

describe('a grid', () => {
  const show = (over = {}) =>
    mount(SampleGrid, {
      props: { label: 'Epoch 3', grid, image, side: 2, maxHeight: 400, pickable: true, ...over },
      attachTo: document.body,
    })

  test('has a labelled button for every tile shown, one of them in the order of Tab', () => {
    const buttons = show().findAll('button')
    expect(buttons.map((b) => b.attributes('aria-label'))).toEqual(
      [1, 2, 5, 6].map((n) => `Sample ${n}: its history through the epochs`),
    )
    expect(buttons.map((b) => b.attributes('tabindex'))).toEqual(['0', '-1', '-1', '-1'])
  })
  test('is walked with arrow keys, which the scrubber then does not see', async () => {
    const page = show()
    const outside = vi.fn()
    document.body.addEventListener('keydown', outside)
    await page.findAll('button')[0]!.trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(page.findAll('button')[2]!.element)
    expect(outside).not.toHaveBeenCalled()
    document.body.removeEventListener('keydown', outside)
  })
  test('gives the number of the tile in the whole grid', async () => {
    const page = show()
    await page.findAll('button')[3]!.trigger('click')
    expect(page.emitted('pick')).toEqual([[5]])
  })
  test('says what went wrong when it could not be loaded', () => {
    const page = show({ image: null, problem: 'The disk is full.' })
    expect(page.get('[role=alert]').text()).toContain('The disk is full.')
  })
})

describe('the scrubber', () => {
  const show = () => {
    const scrubber = effectScope().run(() => useScrubber([0, 1, 2, 5]))!
    const page = mount(ScrubBar, {
      props: {
        scrubber,
        label: 'Epoch 5',
        flags: [{ place: 2, label: 'Good from epoch 2', colour: 'green' }],
        live: true,
      },
    })
    return { scrubber, page, slider: page.get('input[type=range]') }
  }
  test('goes by keys from grid to grid, not by pixels', async () => {
    const { scrubber, slider } = show()
    await slider.trigger('keydown', { key: 'ArrowLeft' })
    expect(scrubber.place.value).toBe(2)
    await slider.trigger('keydown', { key: 'Home' })
    expect(scrubber.place.value).toBe(0)
  })
  test('goes to the nearest grid of a drag', async () => {
    const { scrubber, slider } = show()
    await slider.setValue('4')
    expect(scrubber.place.value).toBe(5)
    await slider.setValue('1.4')
    expect(scrubber.place.value).toBe(1)
  })
  test('speaks of what is shown, shows the mark, and asks for one with G', async () => {
    const { page, slider } = show()
    expect(slider.attributes('aria-valuetext')).toBe('Epoch 5')
    expect(page.text()).toContain('Good from epoch 2')
    await slider.trigger('keydown', { key: 'g' })
    expect(page.emitted('mark')).toHaveLength(1)
  })
  test('tells whether it follows the newest', async () => {
    const { scrubber, page } = show()
    const button = page.get('[aria-label="Follow newest"]')
    expect(button.attributes('aria-pressed')).toBe('true')
    scrubber.press('first')
    await nextTick()
    expect(button.attributes('aria-pressed')).toBe('false')
  })
})
