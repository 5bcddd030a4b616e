import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import CompareMeasures from '../../../src/renderer/components/compare/CompareMeasures.vue'
import { useDatasets } from '../../../src/renderer/stores/datasets.ts'
import type { Dataset } from '../../../src/shared/datasets.ts'
import type { Artifact, Classification } from '../../../src/shared/results.ts'
import type { Run } from '../../../src/shared/run.ts'

/** By the run's artifact: what each of four images was taken for. They are a rose and three tulips. */
const predicted: Record<string, number[]> = { a: [0, 0, 1, 0], b: [0, 1, 1, 0] }
const asked = vi.hoisted(() => [] as number[][])
vi.mock('../../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  messageOf: (error: Error) => error.message,
  api: {
    artifacts: { download: async ({ hash }: { hash: string }) => new Blob([Uint8Array.from(predicted[hash[0]!]!)]) },
    datasets: {
      images: async (query: { indices?: number[]; columns: number; rows: number }) => {
        if (query.indices) asked.push(query.indices)
        const labels = [0, 1, 1, 1]
        return { png: new Blob(), labels, grid: { columns: 1, rows: 1, tileWidth: 28, tileHeight: 28 } }
      },
    },
  },
}))
vi.mock('@vueuse/core', async (original) => ({
  ...(await original<typeof import('@vueuse/core')>()),
  useElementSize: () => ({ width: { value: 600 }, height: { value: 400 } }),
}))

function part(name: 'a' | 'b' | 'c', confusion: number[][], dataset = 'flowers') {
  const measures = { accuracy: 0.5, precision: 0.5, recall: 0.5, fScore: 0.5 }
  const perClass = [0, 1].map(() => ({ precision: 0.5, recall: 0.5, fScore: 0.5, support: 2 }))
  const classes = ['rose', 'tulip']
  const result: Classification = {
    type: 'classification',
    dataset,
    split: 'test',
    count: 4,
    classes,
    ...measures,
    perClass,
    confusion,
  }
  const mediaType = 'application/octet-stream'
  const hash = name.repeat(64)
  const artifact: Artifact = { name: 'test-predictions', step: 1, time: 0, mediaType, description: '', hash, bytes: 4 }
  return { run: { id: name, name: `run ${name}` } as Run, result, artifacts: [artifact] }
}
const first = part('a', [
  [1, 0],
  [2, 1],
])
const second = part('b', [
  [1, 0],
  [1, 2],
])
const elsewhere = part(
  'c',
  [
    [1, 0],
    [2, 1],
  ],
  'trees',
)

beforeEach(() => {
  setActivePinia(createPinia())
  asked.length = 0
  URL.createObjectURL = () => 'blob:test'
  URL.revokeObjectURL = () => {}
  const flowers = { id: 'flowers', title: 'Flowers', state: 'ready', testCount: 4, classes: ['rose', 'tulip'] }
  useDatasets().$patch((state) => {
    state.list = [flowers as unknown as Dataset]
    state.loaded = true
  })
})

function show(...parts: ReturnType<typeof part>[]) {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  const props = { parts, slots: new Map<string, number>() }
  return mount(CompareMeasures, { props, global: { plugins: [router] }, attachTo: document.body })
}

test('a cell that is chosen in one matrix is shown of every run of the same data set', async () => {
  const page = show(first, second, elsewhere)
  const [one, two, three] = page.findAll('article')
  await one!.get("button[name='1-0']").trigger('click')
  await flushPromises()
  // The tulips that each took for roses: two here, one of them there.
  expect(asked.toSorted((a, b) => b.length - a.length)).toEqual([[1, 3], [3]])
  expect(two!.text()).toContain('tulip, taken for rose')
  expect(three!.text()).not.toContain('taken for rose')
  // Again: away with them.
  await two!.get("button[name='1-0']").trigger('click')
  expect(page.text()).not.toContain('tulip, taken for rose')
  page.unmount()
})

test('a run without such images says so', async () => {
  const right = part('b', [
    [1, 0],
    [0, 3],
  ])
  predicted.b = [0, 1, 1, 1]
  const page = show(first, right)
  await page.findAll('article')[0]!.get("button[name='1-0']").trigger('click')
  await flushPromises()
  expect(page.findAll('article')[1]!.text()).toContain('tulip, taken for rose: none.')
  page.unmount()
})
