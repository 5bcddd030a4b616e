import { mount } from '@vue/test-utils'
import { describe, expect, test } from 'vitest'
import { appendPoints, emptyBuckets } from '../../../src/renderer/charts/buckets.ts'
import ChartControls from '../../../src/renderer/charts/ChartControls.vue'
import ChartLegend from '../../../src/renderer/charts/ChartLegend.vue'
import ChartTooltip from '../../../src/renderer/charts/ChartTooltip.vue'
import { layOut, readAt } from '../../../src/renderer/charts/lines.ts'
import type { LineSource } from '../../../src/renderer/charts/lines.ts'
import { newChartSync, provideChartSync } from '../../../src/renderer/charts/sync.ts'
import { toggled } from '../../../src/renderer/charts/toggling.ts'
import { defineComponent, h } from 'vue'

const source = (run: string, metric: string, values: number[], limit?: number): LineSource => {
  const buckets = emptyBuckets()
  appendPoints(
    buckets,
    values.map((_, i) => i),
    values,
    limit,
  )
  return {
    key: `${run}/${metric}`,
    label: metric,
    run: { id: run, name: `run ${run}` },
    metric,
    colourSlot: 0,
    dash: [],
    buckets,
    axis: { step: [0, 10], epoch: [0, 1], time: [0, 10_000] },
    smoothingUnit: 1,
  }
}

describe('the tooltip', () => {
  const show = (sources: LineSource[], x: number) => {
    const lines = sources.map((s) => layOut(s, { mode: 'step', smoothing: 0 }))
    return mount(ChartTooltip, {
      props: { lines, readings: readAt(lines, x, 0.5), x, left: 0, mode: 'step', smoothed: false, dark: false },
    })
  }
  test('lists every series at the crosshair, and that one has ended', () => {
    const text = show([source('1', 'loss', [1, 2, 3]), source('2', 'loss', [5])], 2).text()
    expect(text).toContain('run 13.000')
    expect(text).toContain('run 2–')
  })
  test('gives minimum and maximum of a bucket of many points, and its steps', () => {
    const text = show([source('1', 'loss', [1, 9, 2, 4], 2)], 0).text()
    expect(text).toContain('1.000 … 9.000')
    expect(text).toContain('Step 0–1 · epoch 0.00 · 0 s')
  })
  test('names a value that is not finite', () => {
    expect(show([source('1', 'loss', [1, NaN, 3])], 1).text()).toContain('NaN')
  })
})

describe('the legend', () => {
  test('switches a series, alone with Alt or a double click', async () => {
    const legend = mount(ChartLegend, {
      props: { sources: [source('1', 'a', [1]), source('1', 'b', [1])], hidden: new Set(['1/b']) },
    })
    const [a, b] = legend.findAll('button')
    expect([a!.attributes('aria-pressed'), b!.attributes('aria-pressed')]).toEqual(['true', 'false'])
    await a!.trigger('click')
    await b!.trigger('click', { altKey: true })
    await a!.trigger('dblclick')
    expect(legend.emitted('toggle')).toEqual([
      ['1/a', false],
      ['1/b', true],
      ['1/a', true],
    ])
  })
  test('a series alone and then again shows all', () => {
    const keys = ['a', 'b', 'c']
    const alone = toggled(new Set(), keys, 'b', true)
    expect([...alone]).toEqual(['a', 'c'])
    expect([...toggled(alone, keys, 'b', true)]).toEqual([])
    expect([...toggled(alone, keys, 'a', false)]).toEqual(['c'])
  })
})

test('a change of the axis lets go of the range, which was a place on the old one', async () => {
  const sync = newChartSync({ range: { min: 1, max: 2 } })
  const page = mount(
    defineComponent(() => {
      provideChartSync(sync)
      return () => h(ChartControls)
    }),
  )
  await page.findAll('[role=radio]')[2]!.trigger('click')
  expect(sync.mode).toBe('time')
  expect(sync.range).toBeNull()
  await page.find('input[type=range]').setValue('0')
  expect(sync.smoothing).toBe(0)
})
