import { divergenceNames } from '../../../shared/plane/closed-forms.ts'
import type { DescentPoint } from '../../../shared/plane/descent.ts'
import { estimateNames, learnedNames } from '../../../shared/plane/divergences.ts'
import type { DivergencesFound, Spread } from '../../../shared/plane/divergences.ts'
import { toMetricValue } from '../../../shared/run.ts'
import type { StoredState } from '../../../shared/safetensors.ts'

/** The points that learn, in the order in which they are let go. */
export const descentKinds = [
  ...divergenceNames.map((divergence) => ({ source: 'exact' as const, divergence })),
  ...learnedNames.map((divergence) => ({ source: 'learned' as const, divergence })),
]

/** Columns of a θ without training: value and slope of each divergence; NaN where there is none. */
const exactColumns = 2 * divergenceNames.length
/** Columns of a training: the estimates, then value and slope of each learned divergence. */
const seedColumns = estimateNames.length + 2 * learnedNames.length

export interface FindingsShape {
  thetas: readonly number[]
  seeds: number
  descentSteps: number
}

/**
 * All that a run has found, in the order in which it finds it: the exact divergences at each θ; estimates and networks for
 * each seed at each θ; each point that learns. What is there is a prefix of each list, so its length says where to go on.
 */
export class Findings {
  readonly shape: FindingsShape
  readonly exact: number[][] = []
  readonly seeds: number[][] = []
  readonly descents: DescentPoint[][] = descentKinds.map(() => [])

  constructor(shape: FindingsShape) {
    this.shape = shape
  }

  /** Values of θ that all seeds are done at. */
  get measured(): number {
    return Math.floor(this.seeds.length / this.shape.seeds)
  }
  /** Steps of the run that are done: a step is a θ, and then a point that learns. */
  get step(): number {
    const long = this.shape.descentSteps + 1
    return this.measured + (this.shape.descentSteps ? this.descents.filter((path) => path.length === long).length : 0)
  }
  get totalSteps(): number {
    return this.shape.thetas.length + (this.shape.descentSteps ? descentKinds.length : 0)
  }

  /** As a checkpoint holds it: float64 as pairs of int32, since what goes on from it must have every bit. */
  state(): StoredState {
    const points = this.descents.map((path) => path.map(({ theta, value, slope }) => [theta, value, slope ?? NaN]))
    const table = (rows: number[][], columns: number) => ({
      shape: [rows.length, columns, 2],
      data: new Int32Array(Float64Array.from(rows.flat()).buffer),
    })
    return {
      exact: table(this.exact, exactColumns),
      seeds: table(this.seeds, seedColumns),
      ...Object.fromEntries(points.map((rows, i) => [`descent/${i}`, table(rows, 3)])),
    }
  }

  /** @throws Error if the state is of a run of another shape */
  load(state: StoredState): void {
    const { thetas, seeds, descentSteps } = this.shape
    const rows = (name: string, columns: number, most: number): number[][] => {
      const stored = state[name]
      const [count = -1] = stored?.shape ?? []
      if (!(stored?.data instanceof Int32Array) || stored.shape[1] !== columns || count > most)
        throw new Error(`The checkpoint is of another run: its "${name}" does not fit these parameters.`)
      const values = new Float64Array(stored.data.slice().buffer)
      return Array.from({ length: count }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)])
    }
    this.exact.splice(0, Infinity, ...rows('exact', exactColumns, thetas.length))
    this.seeds.splice(0, Infinity, ...rows('seeds', seedColumns, thetas.length * seeds))
    this.descents.forEach((path, i) => {
      const points = rows(`descent/${i}`, 3, descentSteps + 1)
      path.splice(
        0,
        Infinity,
        ...points.map(([theta, value, slope], step) => {
          return { step, theta: theta!, value: value!, slope: Number.isNaN(slope) ? null : slope! }
        }),
      )
    })
  }

  /** As the run's result. */
  found(): DivergencesFound {
    const { thetas, seeds } = this.shape
    const spread = (column: number): Spread => {
      const mean: Spread['mean'] = []
      const sd: Spread['sd'] = []
      for (let i = 0; i < this.measured; i++) {
        const values = this.seeds.slice(i * seeds, (i + 1) * seeds).map((row) => row[column]!)
        const average = values.reduce((a, b) => a + b, 0) / seeds
        const squares = values.reduce((sum, value) => sum + (value - average) ** 2, 0)
        mean.push(toMetricValue(average))
        sd.push(seeds > 1 ? toMetricValue(Math.sqrt(squares / (seeds - 1))) : null)
      }
      return { mean, sd }
    }
    const exact = (column: number) => this.exact.map((row) => valueOrNull(row[column]!))
    const learnedAt = estimateNames.length
    return {
      type: 'divergences',
      theta: [...thetas],
      measured: this.measured,
      seeds,
      exact: record(divergenceNames, (_, i) => ({ value: exact(2 * i), slope: exact(2 * i + 1) })),
      estimates: record(estimateNames, (_, i) => spread(i)),
      learned: record(learnedNames, (_, i) => ({
        value: spread(learnedAt + 2 * i),
        slope: spread(learnedAt + 2 * i + 1),
      })),
      descents: descentKinds.flatMap((kind, i) => {
        const path = this.descents[i]!
        if (!path.length) return []
        const value = path.map((point) => valueOrNull(point.value))
        return [{ ...kind, theta: path.map((p) => p.theta), value, slope: path.map((p) => p.slope) }]
      }),
    }
  }
}

const valueOrNull = (value: number) => (Number.isNaN(value) ? null : toMetricValue(value))

const record = <K extends string, T>(names: readonly K[], of: (name: K, i: number) => T) =>
  Object.fromEntries(names.map((name, i) => [name, of(name, i)])) as Record<K, T>
