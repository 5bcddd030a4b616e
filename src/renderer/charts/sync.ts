import { inject, provide, shallowReactive } from 'vue'
import type { InjectionKey } from 'vue'
import type { AxisMode } from './step-axis.ts'
import type { Range } from './lines.ts'

/** What the charts of one page share: how they are drawn, where the crosshair stands and what range is in view. */
export interface ChartSync {
  mode: AxisMode
  /** β of the smoothing, from 0 to below 1. */
  smoothing: number
  log: boolean
  fitAll: boolean
  /** A drag draws a box to zoom into, instead of moving the view. */
  boxMode: boolean
  /** The x range in view, or null for everything, growing with the run. */
  range: Range | null
  hover: { x: number; source: symbol } | null
}

const key: InjectionKey<ChartSync> = Symbol('charts')

export const newChartSync = (over: Partial<ChartSync> = {}): ChartSync =>
  shallowReactive({
    mode: 'step',
    smoothing: 0.9,
    log: false,
    fitAll: true,
    boxMode: false,
    range: null,
    hover: null,
    ...over,
  })

export function provideChartSync(sync: ChartSync): ChartSync {
  provide(key, sync)
  return sync
}

export function useChartSync(): ChartSync {
  return inject(key, () => newChartSync(), true)
}
