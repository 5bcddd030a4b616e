import { mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, test } from 'vitest'
import CompareTables from '../../../src/renderer/components/compare/CompareTables.vue'
import RunLog from '../../../src/renderer/components/run/RunLog.vue'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import RunParams from '../../../src/renderer/components/run/RunParams.vue'
import { makeRun } from '../../make-run.ts'

const global = { plugins: [createPinia()] }

test('parameters mark what differs from the default and give the command', async () => {
  const page = mount(RunParams, {
    props: { run: makeRun({ preset: 'quick', params: presetParams('wgan-gp', 'quick') }) },
    global,
  })
  expect(page.get('code').text()).toBe('npx atelier run wgan-gp --preset quick')
  const all = page.findAll('tbody tr').length
  await page.get('input[type=checkbox]').setValue(true)
  const rows = page.findAll('tbody tr')
  expect(rows.length).toBeLessThan(all)
  expect(page.text()).toContain('Default 64')
})

test('a log of a hundred thousand lines puts a screenful into the page', async () => {
  const lines = Array.from({ length: 100_000 }, (_, seq) => ({
    seq,
    time: seq,
    level: seq % 1000 ? ('info' as const) : ('error' as const),
    message: `line ${seq}`,
  }))
  const page = mount(RunLog, { props: { lines }, global })
  expect(page.findAll('time').length).toBeLessThan(60)
  await page.get('select').setValue('errors')
  expect(page.text()).toContain('100 of 100,000 lines')
})

test('compared runs show only the parameters that differ until all are asked for', async () => {
  const runs = [
    makeRun({ id: 'a', name: 'First' }),
    makeRun({ id: 'b', name: 'Second', kind: 'dcgan', metrics: { dReal: 'NaN' } }),
  ]
  const page = mount(CompareTables, {
    props: {
      runs,
      slots: new Map([
        ['a', 0],
        ['b', 1],
      ]),
    },
    global,
  })
  const rows = () =>
    page
      .findAll('table')[0]!
      .findAll('tbody tr')
      .map((r) => r.find('th').text())
  expect(rows()).toContain('Critic steps')
  expect(rows()).not.toContain('Batch')
  await page.get('input[type=checkbox]').setValue(false)
  expect(rows()).toContain('Batch')
  expect(page.findAll('table')[1]!.text()).toContain('NaN')
})
