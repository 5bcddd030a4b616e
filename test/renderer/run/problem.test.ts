import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, test, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { asked } from '../../../src/renderer/components/confirm.ts'
import RunChips from '../../../src/renderer/components/compare/RunChips.vue'
import RunHeadings from '../../../src/renderer/components/compare/RunHeadings.vue'
import ProblemBanner from '../../../src/renderer/components/run/ProblemBanner.vue'
import RunProgress from '../../../src/renderer/components/RunProgress.vue'
import type { RunStatus } from '../../../src/shared/run.ts'
import { makeRun } from '../../make-run.ts'

const stopped = vi.hoisted(() => [] as unknown[])
vi.mock('../../../src/renderer/api.ts', () => ({
  follow: () => () => {},
  connection: { status: { state: 'connecting' } },
  messageOf: String,
  api: { runs: { stop: async (input: unknown) => (stopped.push(input), []) } },
}))

const routes = [{ path: '/:rest(.*)*', component: { template: '<i />' } }]
const global = { plugins: [createPinia(), createRouter({ history: createMemoryHistory(), routes })] }
const problem = { message: 'No sign of life for 2 minutes.', hint: 'Stop it by force.', detail: 'stack of the worker' }
const progress = {
  step: 30,
  totalSteps: 100,
  epoch: 3,
  epochs: 10,
  stepsPerSecond: 9,
  etaSeconds: 7,
  message: null,
}

test.each<[RunStatus, string]>([
  ['running', 'The run needs a look'],
  ['stopping', 'The run needs a look'],
  ['paused', 'The run was paused'],
  ['stopped', 'The run was stopped'],
  ['interrupted', 'The run was interrupted'],
  ['failed', 'The run failed'],
  ['done', 'The run has a problem'],
])('the page of a %s run says what is wrong, what to do and, when asked, the detail', (status, title) => {
  const page = mount(ProblemBanner, { props: { run: makeRun({ params: {}, status, problem }) }, global })
  expect(page.get('[role=alert]').text()).toContain(`${title}. ${problem.message}`)
  expect(page.text()).toContain(problem.hint)
  expect(page.get('details:not([open]) pre').text()).toBe(problem.detail)
})

test('a worker that hangs is killed once the user has said yes', async () => {
  const page = mount(ProblemBanner, { props: { run: makeRun({ params: {}, status: 'running', problem }) }, global })
  const button = page.findAll('button').find((b) => b.text() === 'Stop by force')!
  await button.trigger('click')
  asked.value!.answer(false)
  await flushPromises()
  expect(stopped).toEqual([])
  await button.trigger('click')
  asked.value!.answer(true)
  await flushPromises()
  expect(stopped).toEqual([{ ids: ['r1'], force: true }])
})

const diverged = { ...problem, message: 'loss became NaN at step 7: the run has diverged and was paused.' }
test.each<[RunStatus, string, typeof problem]>([
  ['interrupted', 'Resume', problem],
  ['failed', 'Resume', problem],
  // By force.
  ['stopped', 'Resume', problem],
  // What made it halt would only happen again.
  ['paused', 'Change and launch…', diverged],
  ['stopped', 'Change and launch…', diverged],
])('a %s run offers the way that helps: %s', (status, way, problem) => {
  const page = mount(ProblemBanner, { props: { run: makeRun({ params: {}, status, problem }) }, global })
  expect(page.findAll('button, a').map((b) => b.text())).toEqual([way])
})

test('a run without a problem has no banner', () => {
  const page = mount(ProblemBanner, { props: { run: makeRun({ params: {}, status: 'running' }) }, global })
  expect(page.find('[role=alert]').exists()).toBe(false)
})

test.each<RunStatus>(['running', 'paused', 'stopped', 'failed'])(
  'the list says what is wrong with a %s run in place of its speed',
  (status) => {
    const page = mount(RunProgress, { props: { run: makeRun({ params: {}, status, problem, progress }) }, global })
    expect(page.text()).toContain(problem.message)
    expect(page.text()).not.toContain('left')
    expect(page.get('[title]').attributes('title')).toBe(`${problem.message}\n${problem.hint}`)
  },
)

test('the list says what is wrong with a run that never got as far as a step', () => {
  const page = mount(RunProgress, { props: { run: makeRun({ params: {}, status: 'failed', problem }) }, global })
  expect(page.text()).toContain(problem.message)
})

test('a comparison has a sign at the name of a run with a problem, and none at another', () => {
  const [good, bad] = [makeRun({ params: {}, id: 'a' }), makeRun({ params: {}, id: 'b', status: 'paused', problem })]
  const slots = new Map([
    ['a', 0],
    ['b', 1],
  ])
  const runs = new Map([good, bad].map((run) => [run.id, run]))
  const chips = mount(RunChips, { props: { ids: ['a', 'b'], runs, slots }, global })
  expect(chips.findAll('li').map((li) => li.find('[role=img][title]').exists())).toEqual([false, true])
  const heads = mount({
    components: { RunHeadings },
    setup: () => ({ runs: [good, bad], slots }),
    template: '<table><RunHeadings title="Metric" :runs="runs" :slots="slots" /></table>',
  })
  const sign = heads.findAll('th')[2]!.get('[role=img][title]')
  expect(sign.attributes('aria-label')).toContain(problem.message)
  expect(heads.findAll('th')[1]!.find('[role=img][title]').exists()).toBe(false)
})
