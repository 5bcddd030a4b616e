import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { Study } from '../../../src/shared/api.ts'
import ResultsTable from '../../../src/renderer/components/results/ResultsTable.vue'
import StudyCard from '../../../src/renderer/components/study/StudyCard.vue'
import { useQueueMissing } from '../../../src/renderer/components/results/use-queue-missing.ts'
import { asked } from '../../../src/renderer/components/confirm.ts'
import { useStudies } from '../../../src/renderer/stores/studies.ts'
import { datasetTitle, resultsTable } from '../../../src/shared/results-table/index.ts'
import { classifier } from '../../shared/results-table/support.ts'
import { makeRun } from '../../make-run.ts'

const core = vi.hoisted(() => ({
  launched: [] as { params: Record<string, unknown> }[],
  refuseAfter: Infinity,
  studies: [] as Study[],
}))
vi.mock('../../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  messageOf: (error: Error) => error.message,
  api: {
    runs: {
      launch: async (input: { params: Record<string, unknown> }) => {
        if (core.launched.length >= core.refuseAfter) throw new Error('The disk is full.')
        core.launched.push(input)
        return makeRun({ id: `new${core.launched.length}`, status: 'queued' })
      },
    },
    studies: {
      list: async () => core.studies,
      start: async ({ id }: { id: string }) => {
        core.studies = core.studies.map((s) => (s.id === id ? { ...s, missing: 0 } : s))
        return { study: core.studies.find((s) => s.id === id)!, queued: [makeRun()] }
      },
      remove: async ({ id }: { id: string }) => (core.studies = core.studies.filter((s) => s.id !== id)),
    },
  },
}))

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: '/:all(.*)*', component: { template: '<p />' } }],
})
const global = () => ({ plugins: [createPinia(), router] })
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  core.launched = []
  core.refuseAfter = Infinity
  document.body.innerHTML = ''
})

const runs = [
  classifier('vae-svm', 0.88, { labelSeed: 0 }, { id: 'a', name: 'first' }),
  classifier('vae-svm', 0.9, { labelSeed: 1 }, { id: 'b', name: 'second' }),
  classifier('m2', 0.8, {}, { id: 'c' }),
  classifier('m2', null, { labels: 600 }, { id: 'd', status: 'running' }),
]
const mountTable = () =>
  mount(ResultsTable, {
    props: { table: resultsTable(runs), titles: datasetTitle, busy: new Set<string>() },
    global: global(),
    attachTo: document.body,
  })

test('the table has headings for rows, columns and data sets, and the best in bold', () => {
  const page = mountTable()
  expect(page.findAll('th[scope=col]').map((th) => th.text())).toEqual(['Method', '100', '600', '1,000', '3,000'])
  expect(page.findAll('th[scope=rowgroup]').map((th) => th.text())).toEqual(['MNIST', 'Fashion-MNIST'])
  const [svm, m2] = page.findAll('tbody tr').filter((row) => row.find('th[scope=row]').exists())
  expect(svm!.get('th').text()).toBe('VAE + SVM')
  const best = svm!.get('td button')
  expect(best.text()).toBe('89.00 ± 1.412')
  expect(best.classes()).toContain('font-semibold')
  expect(best.attributes('aria-label')).toBe('VAE + SVM on MNIST with 100 labels: 89.00 ± 1.41 per cent, 2 runs, best')
  expect(m2!.get('td button').classes()).not.toContain('font-semibold')
  expect(m2!.findAll('td')[1]!.get('button').attributes('aria-label')).toContain('1 run in training')
  expect(page.text()).toContain('96.67 ± 0.14')
})

test('a cell opens the runs behind it, with links, their figures by seed and a way to compare them', async () => {
  const page = mountTable()
  await page.get('td button').trigger('click')
  await vi.waitFor(() => expect(document.querySelector('[data-look] a')).not.toBeNull())
  const panel = document.querySelector('[data-look]')!
  expect([...panel.querySelectorAll('a')].map((a) => [a.getAttribute('href'), a.textContent!.trim()])).toEqual([
    ['/runs/a', '88.00label seed 0first'],
    ['/runs/b', '90.00label seed 1second'],
    ['/compare?runs=a,b', 'Compare them'],
  ])
  await vi.waitFor(() => expect(document.activeElement?.getAttribute('href')).toBe('/runs/a'))
  page.unmount()
})

test('a missing cell asks for the runs of its row', async () => {
  const page = mountTable()
  const add = page
    .findAll('td button')
    .find((b) => b.attributes('aria-label')?.includes('with 600 labels: Queue 2 runs'))
  await add!.trigger('click')
  const [row, cell, key] = page.emitted<[{ label: string }, { labels: number }, string]>('queue')![0]!
  expect([row.label, cell.labels]).toEqual(['VAE + SVM', 600])
  await page.setProps({ busy: new Set([key]) })
  expect(page.findAll('td button').some((b) => b.attributes('aria-label')?.includes('with 600 labels: Queue 2'))).toBe(
    false,
  )
})

test('missing runs are queued once, and what was not is told', async () => {
  let queueing!: ReturnType<typeof useQueueMissing>
  mount({ setup: () => ((queueing = useQueueMissing()), () => null) }, { global: global() })
  const row = resultsTable(runs).groups[0]!.rows[0]!
  const cell = row.cells[1]!
  const first = queueing.queue(row, cell, 'k')
  expect(queueing.busy.value.has('k')).toBe(true)
  await Promise.all([first, queueing.queue(row, cell, 'k')])
  expect(core.launched.map(({ params }) => [params.labels, params.labelSeed])).toEqual([
    [600, 0],
    [600, 1],
  ])
  core.refuseAfter = 3
  await queueing.queue(row, cell, 'k')
  expect(core.launched).toHaveLength(3)
  expect(queueing.busy.value.size).toBe(0)
})

test('a study queues what is missing, and is forgotten after a question', async () => {
  const study: Study = { id: 's', name: 'Mine', createdAt: 1, entries: [], total: 4, runs: [], missing: 4 }
  core.studies = [study]
  const plugins = global()
  const page = mount(StudyCard, { props: { study }, global: plugins })
  const studies = useStudies(plugins.plugins[0] as ReturnType<typeof createPinia>)
  expect(page.text()).toContain('0 of 4 done')
  await page
    .findAll('button')
    .find((b) => b.text() === 'Queue 4 missing')!
    .trigger('click')
  await vi.waitFor(() => expect(studies.list).toMatchObject([{ id: 's', missing: 0 }]))

  await page.get('button[aria-label="Remove the study Mine"]').trigger('click')
  expect(asked.value?.title).toBe('Remove “Mine”?')
  asked.value!.answer(true)
  await vi.waitFor(() => expect(studies.list).toEqual([]))
})
