import type { AxisMode } from './step-axis.ts'

export const chartTexts = {
  axis: { step: 'Step', epoch: 'Epoch', time: 'Time' } satisfies Record<AxisMode, string>,
  xAxis: 'Horizontal axis',
  smoothing: 'Smoothing',
  smoothingHelp:
    'Exponential moving average without the bias of its start; exact at the first point and on constants. The raw line stays behind it.',
  log: 'Log',
  logHelp: 'Logarithmic values; in both directions from zero where values reach zero or below.',
  outliers: 'Outliers',
  outliersHelp:
    'On: the vertical axis holds every value. Off: it fits the middle 98 %, and spikes run out of the picture.',
  box: 'Drag zooms into a box (Shift-drag always does)',
  pan: 'Drag moves the chart',
  reset: 'Show everything (double-click)',
  png: 'Save as PNG',
  csv: 'Save as CSV',
  table: 'Show as a table',
  chart: 'Show as a chart',
  more: 'Chart: save, table',
  min: 'min',
  max: 'max',
  value: 'value',
  raw: 'raw',
  smoothed: 'smooth',
  waiting: 'Values appear with the first steps.',
  none: 'No values.',
  noSeries: 'All series are hidden. Click one in the legend to show it.',
  loading: 'Loading…',
  legend: 'Series: click shows or hides one, double-click shows it alone',
  toggle: (label: string) => `${label}: show or hide; Alt-click or double-click shows it alone`,
  nonFinite: (count: number) =>
    count === 1 ? '1 value is not finite' : `${count.toLocaleString('en')} values are not finite`,
  keys: 'Arrow keys move the crosshair, + and − zoom, Shift and arrow keys move the view, 0 shows everything.',
  describe: (title: string, lines: string, range: string) => `${title}: ${lines}; ${range}.`,
}
