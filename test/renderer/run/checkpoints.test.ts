import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { createMemoryHistory, createRouter } from 'vue-router'
import { beforeEach, expect, test, vi } from 'vitest'
import RunCheckpoints from '../../../src/renderer/components/run/RunCheckpoints.vue'
import { makeRun } from '../../make-run.ts'

const named = vi.hoisted(() => [] as unknown[])
vi.mock('../../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  connection: { status: { state: 'connecting' } },
  messageOf: String,
  api: { checkpoints: { name: async (input: unknown) => void named.push(input) } },
}))
beforeEach(() => void named.splice(0))

const routes = [{ path: '/:rest(.*)*', component: { template: '<i />' } }]
const global = { plugins: [createPinia(), createRouter({ history: createMemoryHistory(), routes })] }

const checkpoint = (step: number, name: string | null) => ({
  hash: String(step),
  step,
  epoch: step / 10,
  bytes: 1000,
  time: 0,
  name,
})
const page = () =>
  mount(RunCheckpoints, {
    props: { run: makeRun({ id: 'r' }), checkpoints: [checkpoint(10, null), checkpoint(20, 'first faces')] },
    global,
  })

test('a checkpoint is named where it stands', async () => {
  const shown = page()
  expect(shown.text()).toContain('first faces')
  await shown
    .findAll('button')
    .find((b) => b.text() === 'Add a name')!
    .trigger('click')
  const input = shown.get('input')
  expect(input.attributes('aria-label')).toBe('Name of the checkpoint of step 10')
  await input.setValue('  before the collapse ')
  await input.trigger('keydown.enter')
  await flushPromises()
  expect(named).toEqual([{ id: 'r', step: 10, name: 'before the collapse' }])
  expect(shown.find('input').exists()).toBe(false)
})

test('an emptied name is taken back, and an unchanged one is left alone', async () => {
  const shown = page()
  const open = () =>
    shown
      .findAll('button')
      .find((b) => b.text() === 'first faces')!
      .trigger('click')
  await open()
  await shown.get('input').trigger('keydown.enter')
  expect(named).toEqual([])
  await open()
  await shown.get('input').setValue('')
  await shown.get('input').trigger('keydown.enter')
  await flushPromises()
  expect(named).toEqual([{ id: 'r', step: 20, name: null }])
})
