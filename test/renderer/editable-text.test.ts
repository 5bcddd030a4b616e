import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import EditableText from '../../src/renderer/components/runs/EditableText.vue'

const open = () =>
  mount(EditableText, { props: { value: 'old', editing: true, label: 'Name' }, attachTo: document.body })

describe('a text that is edited where it stands', () => {
  it('keeps on Enter, once', async () => {
    const wrapper = open()
    await wrapper.vm.$nextTick()
    await wrapper.find('input').setValue(' new ')
    await wrapper.find('input').trigger('keydown', { key: 'Enter' })
    expect(wrapper.emitted('keep')).toEqual([['new']])
    // The input leaves the page and loses the focus: that is not a second change.
    await wrapper.setProps({ editing: false })
    expect(wrapper.emitted('keep')).toHaveLength(1)
  })

  it('drops on Escape, and keeps quiet when nothing changed', async () => {
    const dropped = open()
    await dropped.find('input').setValue('new')
    await dropped.find('input').trigger('keydown', { key: 'Escape' })
    expect(dropped.emitted('keep')).toBeUndefined()
    expect(dropped.emitted('end')).toHaveLength(1)
    const same = open()
    await same.vm.$nextTick()
    await same.find('input').trigger('blur')
    expect(same.emitted('keep')).toBeUndefined()
  })

  it('does not let its keys reach the table', async () => {
    const wrapper = open()
    let heard = 0
    document.body.addEventListener('keydown', () => heard++)
    await wrapper.find('input').trigger('keydown', { key: 's' })
    await wrapper.find('input').trigger('keydown', { key: 'Enter' })
    expect(heard).toBe(0)
  })
})
