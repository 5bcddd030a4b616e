import type { AxisMode } from './step-axis.ts'

/** A value for people, four significant digits in steady width: −0.04312, 1.235, 12,350, 3.2e+8. */
export function formatValue(v: number): string {
  if (Number.isNaN(v)) return 'NaN'
  if (!Number.isFinite(v)) return v > 0 ? '∞' : '−∞'
  if (v === 0) return '0'
  const size = Math.abs(v)
  const text =
    size >= 1e6 || size < 1e-4
      ? v.toExponential(2).replace(/\.?0+e/, 'e')
      : size >= 1000
        ? v.toLocaleString('en-US', { maximumFractionDigits: size >= 10_000 ? 0 : 1 })
        : v.toPrecision(4)
  return text.replace(/^-/, '−').replace('e-', 'e−')
}

/** A tick's label: as short as it can be and still exact. */
export function formatTick(v: number): string {
  if (v === 0) return '0'
  const size = Math.abs(v)
  if (size >= 1e6 || size < 1e-4) return v.toExponential(1).replace(/\.0e/, 'e').replace('e+', 'e').replace(/-/g, '−')
  const text = size >= 10_000 ? v.toLocaleString('en-US') : String(Number(v.toPrecision(10)))
  return text.replace(/^-/, '−')
}

export function formatStep(step: number): string {
  return Number.isInteger(step)
    ? step.toLocaleString('en-US')
    : step.toLocaleString('en-US', { maximumFractionDigits: 2 })
}

/** "8 s", "2:05", "1:02:05", "3 d 4 h"; with tenths below ten seconds if asked. */
export function formatDuration(seconds: number, tenths = false): string {
  if (!Number.isFinite(seconds)) return '–'
  const sign = seconds < 0 ? '−' : ''
  const size = Math.abs(seconds)
  if (tenths && size < 10 && size !== Math.round(size)) return `${sign}${size.toFixed(1)} s`
  const s = Math.round(size)
  if (s < 60) return `${sign}${s} s`
  const pad = (n: number) => String(n).padStart(2, '0')
  if (s < 3600) return `${sign}${Math.floor(s / 60)}:${pad(s % 60)}`
  if (s < 86_400) return `${sign}${Math.floor(s / 3600)}:${pad(Math.floor(s / 60) % 60)}:${pad(s % 60)}`
  return `${sign}${Math.floor(s / 86_400)} d ${Math.floor(s / 3600) % 24} h`
}

/** A position on the x axis for people. */
export function formatX(mode: AxisMode, x: number): string {
  if (!Number.isFinite(x)) return '–'
  if (mode === 'time') return formatDuration(x, true)
  if (mode === 'epoch') return x.toFixed(2)
  return formatStep(Math.round(x))
}

export function formatXTick(mode: AxisMode, x: number): string {
  if (mode === 'time') return x === 0 ? '0' : formatDuration(x, true)
  return formatTick(x)
}
