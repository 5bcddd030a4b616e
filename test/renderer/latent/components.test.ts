import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { describe, expect, test } from 'vitest'
import { h, nextTick, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import ClassLegend from '../../../src/renderer/components/latent/ClassLegend.vue'
import DecoderPanel from '../../../src/renderer/components/latent/DecoderPanel.vue'
import type { Decoder } from '../../../src/renderer/components/latent/decoder.ts'
import { momentsOf } from '../../../src/renderer/components/latent/features.ts'
import { normals } from '../../../src/renderer/components/latent/random.ts'

const plugins = () => [
  createPinia(),
  createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] }),
]

describe('the legend', () => {
  const show = () => {
    const page = mount(ClassLegend, {
      props: {
        classes: ['a', 'b', 'c'],
        labels: Uint8Array.of(0, 1, 1, 255),
        hidden: new Set<number>(),
        'onUpdate:hidden': (hidden: ReadonlySet<number>) => page.setProps({ hidden }),
      },
      global: { plugins: plugins() },
    })
    return page
  }
  const pressed = (page: ReturnType<typeof show>) =>
    page.findAll('button[aria-pressed]').map((b) => b.attributes('aria-pressed'))
  test('counts the points of each class', () => {
    expect(
      show()
        .findAll('button')
        .map((b) => b.text()),
    ).toEqual(['a 1', 'b 2', 'c 0'])
  })
  test('hides and shows a class, shows it alone, and all again', async () => {
    const page = show()
    await page.findAll('button')[1]!.trigger('click')
    expect(pressed(page)).toEqual(['true', 'false', 'true'])
    await page.findAll('button')[0]!.trigger('dblclick')
    expect(pressed(page)).toEqual(['true', 'false', 'false'])
    await page.findAll('button')[0]!.trigger('dblclick')
    expect(pressed(page)).toEqual(['true', 'true', 'true'])
  })
  test('lights a class while it is pointed at', async () => {
    const page = show()
    await page.findAll('button')[2]!.trigger('pointerenter')
    await page.findAll('button')[2]!.trigger('pointerleave')
    expect(page.emitted('light')).toEqual([[2], [null]])
  })
})

describe('the sliders', () => {
  // Dimension 1 varies most, 0 less, 2 not at all.
  const features = { data: Float32Array.of(0, 3, 0, 1, -3, 0, -1, 0.5, 0), count: 3, dims: 3 }
  const decoder: Decoder = { latent: 3, height: 1, width: 1, channels: 1, decode: () => Float32Array.of(0.5) }
  const z = shallowRef(new Float32Array(3))
  const show = (image = -1) => {
    const moments = momentsOf(features)
    const given = { decoder, features, moments, dataset: 'mnist', pictures: false, image, className: '7' }
    const put = (code: Float32Array) => void (z.value = code.slice())
    const host = () => h(DecoderPanel, { ...given, modelValue: z.value, 'onUpdate:modelValue': put })
    return mount(host, { global: { plugins: plugins() } })
  }
  const values = () => [...z.value]
  const button = (page: ReturnType<typeof show>, text: string) =>
    page.findAll('button').find((b) => b.text().includes(text))!
  test('stand in the order of how much their dimension tells, unused ones left out', () => {
    const page = show()
    expect(page.findAll('input[type=range]').map((s) => s.attributes('aria-label')!.slice(0, 18))).toEqual([
      'Latent dimension 2',
      'Latent dimension 1',
    ])
    expect(page.text()).toContain('1 dimension that the model does not use')
  })
  test('start from the code of the chosen image, and come back to it', async () => {
    const page = show(1)
    await nextTick()
    expect(values()).toEqual([1, -3, 0])
    await page.find('input[type=range]').setValue('2.5')
    expect(values()).toEqual([1, 2.5, 0])
    await button(page, 'Back to the code').trigger('click')
    expect(values()).toEqual([1, -3, 0])
  })
  test('draw from the prior by a seed, each press another', async () => {
    const page = show()
    await button(page, 'Random').trigger('click')
    expect(values()).toEqual([...normals(3, 0)])
    await button(page, 'Random').trigger('click')
    expect(values()).toEqual([...normals(3, 1)])
    await button(page, 'Zero').trigger('click')
    expect(values()).toEqual([0, 0, 0])
  })
})
