/** How the benchmarks of the core measure and say what they found. */
interface Figure {
  figure: string
  value: number
  unit: string
  /** What `value` should be at most or at least. */
  target: string
  met: boolean
}
export const json = process.argv.includes('--json')

export function report(figure: string, value: number, unit: string, bound: { most: number } | { least: number }): void {
  const most = 'most' in bound
  const limit = most ? bound.most : bound.least
  const rounded = Number(value.toPrecision(4))
  const line: Figure = {
    figure,
    value: rounded,
    unit,
    target: `${most ? '<=' : '>='} ${limit}`,
    met: most ? value <= limit : value >= limit,
  }
  if (json) console.log(JSON.stringify({ bench: 'store', ...line }))
  else
    console.log(
      `${line.met ? 'ok  ' : 'MISS'} ${figure.padEnd(62)} ${rounded.toLocaleString('en')} ${unit} (${line.target})`,
    )
}

export const percentile = (sorted: ArrayLike<number>, p: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]!
export const median = (times: number[]) =>
  percentile(
    [...times].sort((a, b) => a - b),
    0.5,
  )

/** Milliseconds of each of some calls, after one to warm up. */
export function time(calls: number, work: (i: number) => unknown): number[] {
  work(0)
  return Array.from({ length: calls }, (_, i) => {
    const start = performance.now()
    work(i)
    return performance.now() - start
  })
}

/** CPU milliseconds of this process, all its threads. */
export function cpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
