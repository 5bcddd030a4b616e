import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { h } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import ParamField from '../../src/renderer/components/launch/ParamField.vue'
import { UApp } from '../../src/renderer/ui.ts'
import { fieldsOf } from '../../src/shared/experiments/index.ts'

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/', component: { render: () => null } }],
})
const field = (name: string) => fieldsOf('wgan-gp').find((f) => f.name === name)!

function show(name: string, props: { value: string; changed?: boolean; error?: string }) {
  const sets: unknown[] = []
  let resets = 0
  const mark = {
    changed: props.changed ?? false,
    base: field(name).default,
    byPreset: false,
    default: field(name).default,
  }
  const wrapper = mount(UApp, {
    global: { plugins: [router] },
    slots: {
      default: () =>
        h(ParamField, {
          field: field(name),
          value: props.value,
          mark,
          error: props.error,
          onSet: (value: unknown) => sets.push(value),
          onReset: () => resets++,
        }),
    },
  })
  return { wrapper, sets, resets: () => resets }
}

describe('a field of the launch form', () => {
  it('shows label, unit, meaning and range of the schema', () => {
    const { wrapper } = show('batch', { value: '64' })
    expect(wrapper.text()).toContain('Batch')
    expect(wrapper.text()).toContain('images')
    expect(wrapper.text()).toContain(field('batch').description)
    expect(wrapper.text()).toContain('2 – 4,096')
    expect(wrapper.find('label').attributes('for')).toBe(wrapper.find('input').attributes('id'))
  })

  it('leaves the unit out where the text says another, and lets it be typed', () => {
    const units = (value: string) => show('checkpointEvery', { value }).wrapper.text().replaceAll(/\s+/g, ' ')
    const { description } = field('checkpointEvery')
    expect(units('5').replace(description, '')).toContain('epochs')
    expect(units('10 minutes').replace(description, '')).not.toContain('epochs')
    expect(show('checkpointEvery', { value: '5' }).wrapper.find('input').attributes('inputmode')).toBe('text')
  })

  it('says beside the field what is wrong, and tells assistive technology', () => {
    const { wrapper } = show('batch', { value: '1', error: 'batch must be a whole number from 2 to 4096, not 1.' })
    expect(wrapper.find('[role="alert"]').text()).toContain('from 2 to 4096')
    const input = wrapper.find('input')
    expect(input.attributes('aria-invalid')).toBe('true')
    expect(wrapper.find(`#${input.attributes('aria-describedby')}`).text()).toContain('from 2 to 4096')
  })

  it('offers the way back only for what was changed', async () => {
    const reset = (w: ReturnType<typeof show>) => w.wrapper.find('button[aria-label^="Changed"]')
    expect(reset(show('batch', { value: '64' })).classes()).toContain('invisible')
    const changed = show('batch', { value: '32', changed: true })
    await reset(changed).trigger('click')
    expect(changed.resets()).toBe(1)
    expect(changed.wrapper.text()).toContain('default 64')
  })

  it('steps with the arrow keys and takes what is typed', async () => {
    const { wrapper, sets } = show('lrG', { value: '1e-4' })
    await wrapper.find('input').trigger('keydown', { key: 'ArrowUp' })
    await wrapper.find('input').setValue('3e-4')
    expect(sets).toEqual(['2e-4', '3e-4'])
  })

  it('gives a few choices as a group of radio buttons', async () => {
    const { wrapper, sets } = show('size', { value: '28' })
    const radios = wrapper.findAll('[role="radio"]')
    expect(radios.map((r) => [r.text(), r.attributes('aria-checked')])).toEqual([
      ['28', 'true'],
      ['32', 'false'],
      ['64', 'false'],
    ])
    await wrapper.find('[role="radiogroup"]').trigger('keydown', { key: 'ArrowRight' })
    expect(sets).toEqual(['32'])
  })
})
