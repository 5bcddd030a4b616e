import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import MeasuresPanel from '../../../src/renderer/components/classification/MeasuresPanel.vue'
import { useDatasets } from '../../../src/renderer/stores/datasets.ts'
import type { Dataset } from '../../../src/shared/datasets.ts'
import type { Artifact, Classification } from '../../../src/shared/results.ts'

const asked = vi.hoisted(() => [] as Record<string, unknown>[])
const actual = [0, 1, 1, 1]
vi.mock('../../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  messageOf: (error: Error) => error.message,
  api: {
    artifacts: { download: async () => new Blob([Uint8Array.of(0, 0, 1, 0)]) },
    datasets: {
      images: async (query: { indices?: number[]; columns: number; rows: number }) => {
        asked.push(query)
        const { columns, rows, indices } = query
        const labels = indices ? indices.map((i) => actual[i]!) : actual
        return { png: new Blob(), labels, grid: { columns, rows, tileWidth: 28, tileHeight: 28 } }
      },
    },
  },
}))
vi.mock('@vueuse/core', async (original) => ({
  ...(await original<typeof import('@vueuse/core')>()),
  useElementSize: () => ({ width: { value: 600 }, height: { value: 400 } }),
}))

const result: Classification = {
  type: 'classification',
  dataset: 'flowers',
  split: 'test',
  count: 4,
  classes: ['rose', 'tulip'],
  accuracy: 0.5,
  precision: 0.6667,
  recall: 0.6667,
  fScore: 0.5,
  perClass: [
    { precision: 0.3333, recall: 1, fScore: 0.5, support: 1 },
    { precision: 1, recall: 0.3333, fScore: 0.5, support: 3 },
  ],
  confusion: [
    [1, 0],
    [2, 1],
  ],
}
const predictions: Artifact = {
  name: 'test-predictions',
  step: 1,
  time: 0,
  mediaType: 'application/octet-stream',
  description: '',
  hash: 'a'.repeat(64),
  bytes: 4,
}
const flowers = {
  id: 'flowers',
  title: 'Flowers',
  state: 'ready',
  testCount: 4,
  classes: ['rose', 'tulip'],
} as unknown as Dataset

function show(sets: Dataset[], artifacts = [predictions]) {
  const pinia = createPinia()
  setActivePinia(pinia)
  const datasets = useDatasets()
  datasets.list = sets
  datasets.loaded = true
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
  return mount(MeasuresPanel, {
    props: { result, artifacts },
    global: { plugins: [pinia, router] },
    attachTo: document.body,
  })
}
const cell = (page: ReturnType<typeof show>, i: number, j: number) => page.get(`button[name='${i}-${j}']`)

beforeEach(() => {
  asked.length = 0
  document.body.innerHTML = ''
})

describe('the confusion matrix', () => {
  test('is a table with its classes as headers of rows and columns', () => {
    const table = show([flowers]).findAll('table')[0]!
    expect(table.findAll('th[scope=col]').map((th) => th.text())).toEqual(['rose', 'tulip'])
    expect(table.findAll('th[scope=row]').map((th) => th.text())).toEqual(['rose', 'tulip'])
    expect(table.find('caption').text()).toContain('Rows are the actual classes')
  })
  test('says in words what each cell is', () => {
    const page = show([flowers])
    expect(cell(page, 1, 0).attributes('aria-label')).toBe('tulip taken for rose: 2 images, 66.67 % of its row')
    expect(cell(page, 0, 0).attributes('aria-label')).toBe('rose recognised: 1 image, 100.00 % of its row')
  })
  test('is one stop of Tab, walked by the arrow keys', async () => {
    const page = show([flowers])
    expect(page.findAll('button[name][tabindex="0"]')).toHaveLength(1)
    await cell(page, 0, 0).trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement?.getAttribute('name')).toBe('1-0')
    expect(cell(page, 1, 0).attributes('tabindex')).toBe('0')
  })
  test('opens the images of a cell by their places', async () => {
    const page = show([flowers])
    await cell(page, 1, 0).trigger('click')
    await flushPromises()
    expect(asked.at(-1)).toMatchObject({ id: 'flowers', split: 'test', indices: [1, 3] })
    expect(page.text()).toContain('tulip, taken for rose')
    expect(page.findAll('li [role=img]').map((tile) => tile.attributes('aria-label'))).toEqual([
      'Test image 1: tulip, taken for rose',
      'Test image 3: tulip, taken for rose',
    ])
    await cell(page, 1, 0).trigger('click')
    expect(page.findAll('li [role=img]')).toHaveLength(0)
  })
  test('opens nothing from an empty cell', async () => {
    const page = show([flowers])
    await cell(page, 0, 1).trigger('click')
    await flushPromises()
    expect(asked).toEqual([])
  })
  test('shows all that were misclassified', async () => {
    const page = show([flowers])
    await page.findAll('button').find((b) => b.text() === 'All 2 misclassified')!.trigger('click') // prettier-ignore
    await flushPromises()
    expect(asked.at(-1)!.indices).toEqual([1, 3])
  })
})

test('the four measures are there, and each class', () => {
  const text = show([flowers]).text()
  for (const one of ['Accuracy', '50.00', 'Precision', '66.67', 'Recall', 'F-score', '4 test images of Flowers'])
    expect(text).toContain(one)
})

describe('images that can’t be had are said so', () => {
  const openWrong = async (page: ReturnType<typeof show>) => {
    await cell(page, 1, 0).trigger('click')
    await flushPromises()
    return page.get('[role=alert]').text()
  }
  test('when the data set is gone', async () => {
    expect(await openWrong(show([]))).toContain('flowers is not in the list any more')
    expect(asked).toEqual([])
  })
  test('when it has other images now', async () => {
    expect(await openWrong(show([{ ...flowers, testCount: 9 }]))).toContain('9 test images now; the run classified 4')
  })
  test('when it is not prepared here', async () => {
    expect(await openWrong(show([{ ...flowers, state: 'missing' }]))).toContain('not prepared')
  })
  test('when the run kept no predictions', async () => {
    expect(await openWrong(show([flowers], []))).toContain('has not kept')
  })
})
