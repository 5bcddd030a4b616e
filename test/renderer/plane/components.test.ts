import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import ChangeList from '../../../src/renderer/components/plane/ChangeList.vue'
import LayerToggles from '../../../src/renderer/components/plane/LayerToggles.vue'
import { firstLayers, layerKeys, layerOfKey } from '../../../src/renderer/components/plane/layers.ts'
import PlaneField from '../../../src/renderer/components/plane/PlaneField.vue'
import ScaleLegend from '../../../src/renderer/components/plane/ScaleLegend.vue'
import SeenList from '../../../src/renderer/components/plane/SeenList.vue'
import { fieldsOf } from '../../../src/shared/experiments/index.ts'
import { makeRun } from '../../make-run.ts'

const field = (name: string) => fieldsOf('gan2d').find((f) => f.name === name)!

test('every layer has a key of its own, which switches it', async () => {
  expect(new Set(Object.values(layerKeys)).size).toBe(Object.keys(layerKeys).length)
  expect(layerOfKey('M')).toBe('manifold')
  expect(layerOfKey('x')).toBeNull()
  const page = mount(LayerToggles, { props: { modelValue: firstLayers } })
  const button = page.findAll('button').find((b) => b.text() === 'Manifold')!
  expect(button.attributes('aria-pressed')).toBe('false')
  await button.trigger('click')
  expect(page.emitted('update:modelValue')![0]).toEqual([{ ...firstLayers, manifold: true }])
})

test('the legend says what the colours mean: a verdict with its bounds, or a score with its numbers', () => {
  const legend = (reading: 'probability' | 'critic' | 'targets', low: number, high: number) =>
    mount(ScaleLegend, { props: { scale: { low, middle: (low + high) / 2, high }, reading, gain: 0.2 } }).text()
  expect(legend('probability', 0, 1)).toMatch(/D says.*generated.*can’t tell.*real/)
  expect(legend('critic', -2, 6)).toMatch(/Critic’s score.*−2.*2.*6/)
  expect(legend('targets', -1, 1)).toContain('≥ 1')
  expect(legend('probability', 0, 1)).toContain('gradient 0.5')
})

test('what the homework asks to be seen is said of a picture that has it', () => {
  const seen = { undecided: 0.93, toReal: 0.02, toFake: 0.03, moving: 12, count: 150, outside: 0, broken: false }
  const text = mount(SeenList, {
    props: { seen, reading: 'probability', trend: { first: 2.1, now: 0.71, settled: true } },
  }).text()
  expect(text).toContain('nearly coincide')
  expect(text).toContain('fallen and settled: 2.1 → 0.71')
  expect(text).toContain('nearly uniform grey')
  expect(text).toContain('12 of 150 generated points still carry gradient lines')
})

test('a collapsed generator is not taken for a good one', () => {
  const seen = { undecided: 0.2, toReal: 0.02, toFake: 0.6, moving: 150, count: 150, outside: 0, broken: false }
  const text = mount(SeenList, { props: { seen, reading: 'probability', trend: null } }).text()
  expect(text).not.toContain('coincide')
  expect(text).toContain('leave parts of it out')
})

test('a field that can’t be changed now says why, one that is wrong says what', async () => {
  const fixed = mount(PlaneField, { props: { field: field('batch'), value: '150', disabled: 'Fixed once started.' } })
  expect(fixed.get('input').attributes('disabled')).toBeDefined()
  expect(fixed.get('[title]').attributes('title')).toContain('Fixed once started.')
  const wrong = mount(PlaneField, { props: { field: field('lrG'), value: '-1', error: 'lrG must be more than 0.' } })
  expect(wrong.get('[role=alert]').text()).toBe('lrG must be more than 0.')
  expect(wrong.get('input').attributes('aria-invalid')).toBe('true')
  await wrong.get('input').trigger('keydown', { key: 'ArrowUp' })
  const open = mount(PlaneField, { props: { field: field('lrG'), value: '0.001' } })
  await open.get('input').trigger('keydown', { key: 'ArrowDown' })
  expect(open.emitted('set')![0]).toEqual(['5e-4'])
})

test('the time line leads to the step of a change', async () => {
  const changes = [{ step: 1200, time: 1, params: { lrG: 1e-4 } }]
  const page = mount(ChangeList, { props: { run: makeRun({ kind: 'gan2d' }), changes } })
  expect(page.text()).toContain('step 1,200')
  expect(page.text()).toContain('Generator learning rate: 0.001 → 1e-4')
  await page.get('button').trigger('click')
  expect(page.emitted('go')![0]).toEqual([1200])
})
