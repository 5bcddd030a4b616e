import type { PlaneFrame } from '../../../shared/plane/frame.ts'
import type { Points } from '../../../shared/plane/geometry.ts'
import type { Change, Run } from '../../../shared/run.ts'

type ParamValue = Run['params'][string]

/** The parameters as they stood at a step: those of the start with the changes made up to it. */
export function paramsAt(run: Pick<Run, 'params'>, changes: readonly Change[], step: number): Run['params'] {
  const past = changes.filter((change) => change.step <= step)
  return Object.assign({ ...run.params }, ...past.map((change) => change.params)) as Run['params']
}

export interface ChangeLine {
  step: number
  name: string
  from: ParamValue | undefined
  to: ParamValue
}

/** Every parameter that was changed while the run trained, with its value before; what a change leaves as it was is left out. */
export function changeLines(run: Pick<Run, 'params'>, changes: readonly Change[]): ChangeLine[] {
  const now: Record<string, ParamValue> = { ...run.params }
  return changes.flatMap(({ step, params }) =>
    Object.entries(params).flatMap(([name, to]) => {
      const from = now[name]
      now[name] = to
      return from === to ? [] : [{ step, name, from, to }]
    }),
  )
}

const pairs = (points: Points | null) =>
  points &&
  Array.from({ length: points.length / 2 }, (_, i) => [toNumber(points[2 * i]!), toNumber(points[2 * i + 1]!)])
/** As few digits as name the float32; JSON has no NaN and no infinity, so those are null. */
function toNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return Number(value.toPrecision(9))
}

/**
 * Everything that a picture's points are, to be read by another program: coordinates in the plane's scale, [x, y] each.
 * `real` is the sample that the window shows, not a batch that was trained on.
 */
export function pointsJson(
  run: Pick<Run, 'id' | 'name' | 'kind' | 'params'>,
  changes: readonly Change[],
  frame: PlaneFrame,
  real: Points | null,
): string {
  return JSON.stringify({
    format: 'atelier-plane-points',
    version: 1,
    run: { id: run.id, name: run.name, kind: run.kind },
    step: frame.step,
    params: paramsAt(run, changes, frame.step),
    real: pairs(real),
    generated: pairs(frame.fake),
    /** −∂L/∂point of each generated point. */
    gradients: pairs(frame.arrows),
  })
}
