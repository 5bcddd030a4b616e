import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { asked } from '../../src/renderer/components/confirm.ts'
import BinView from '../../src/renderer/views/BinView.vue'
import { useRuns } from '../../src/renderer/stores/runs.ts'
import type { BinnedRun } from '../../src/shared/api.ts'
import { makeRun } from '../make-run.ts'

const core = vi.hoisted(() => ({ bin: [] as BinnedRun[], failing: false, toasts: [] as { description?: string }[] }))
vi.mock('../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  connection: { status: { state: 'open' } },
  messageOf: (error: Error) => error.message,
  api: {
    runs: {
      bin: async () => {
        if (core.failing) throw new Error('the disk is gone')
        return core.bin
      },
      restore: async ({ ids }: { ids: string[] }) => {
        const back = core.bin.filter(({ run }) => ids.includes(run.id))
        core.bin = core.bin.filter(({ run }) => !ids.includes(run.id))
        return back.map(({ run }) => run)
      },
      emptyBin: async ({ ids }: { ids: string[] }) => {
        core.bin = core.bin.filter(({ run }) => !ids.includes(run.id))
        return { deleted: ids, freedBytes: 2_500_000 }
      },
    },
  },
}))
vi.mock('../../src/renderer/ui.ts', async (original) => ({
  ...(await original<object>()),
  useToast: () => ({ add: (toast: { description?: string }) => core.toasts.push(toast) }),
}))

const binned = (id: string, bytes: number): BinnedRun => ({
  run: makeRun({ id, name: `run ${id}`, params: {} }),
  removedAt: Date.now() - 86_400_000,
  bytes,
})
const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:rest(.*)*', component: { template: '<i />' } }],
})

async function open() {
  const page = mount(BinView, { global: { plugins: [router] } })
  await flushPromises()
  const button = (label: string) =>
    page.findAll('button').find((b) => b.text() === label || b.attributes('aria-label') === label)!
  return { page, button }
}

beforeEach(() => {
  setActivePinia(createPinia())
  core.bin = [binned('a', 1_500_000), binned('b', 500_000)]
  core.failing = false
  core.toasts.length = 0
})

test('the bin lists what was removed, how big it is, and how long it is kept', async () => {
  const { page } = await open()
  expect(page.findAll('tbody tr').map((row) => row.find('p').text())).toEqual(['run a', 'run b'])
  expect(page.text()).toContain('2 runs · 2.0 MB')
  expect(page.get('tbody tr').text()).toContain('1.5 MB')
  expect(page.get('tbody tr').text()).toContain('in 29 days')
})

test('a restored run leaves the bin and is in the list of runs again', async () => {
  const { page, button } = await open()
  await button('Restore run a').trigger('click')
  await flushPromises()
  expect(useRuns().byId.has('a')).toBe(true)
  expect(page.findAll('tbody tr').map((row) => row.find('p').text())).toEqual(['run b'])
})

test('nothing is deleted for good before a yes, and then it is said how much space came back', async () => {
  const { page, button } = await open()
  await button('Empty the bin').trigger('click')
  asked.value!.answer(false)
  await flushPromises()
  expect(core.bin).toHaveLength(2)
  await button('Empty the bin').trigger('click')
  // What another window removes meanwhile was not what the question was about.
  core.bin = [...core.bin, binned('late', 1)]
  expect(asked.value!.text).toContain('The 2 runs in it')
  asked.value!.answer(true)
  await flushPromises()
  expect(core.bin.map(({ run }) => run.id)).toEqual(['late'])
  expect(core.toasts.at(-1)!.description).toBe('2.5 MB are free again.')
  expect(page.text()).toContain('run late')
})

test('a bin that cannot be read says why', async () => {
  core.failing = true
  const { page } = await open()
  expect(page.get('[role=alert]').text()).toContain('the disk is gone')
})
