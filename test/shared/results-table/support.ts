import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { ParamValue } from '../../../src/shared/experiments/index.ts'
import type { Run } from '../../../src/shared/run.ts'
import { makeRun } from '../../make-run.ts'

let time = 1_000

/** A done run with these figures (an accuracy, and the other measures a little below it), newer than those before it. */
export function classifier(
  kind: string,
  accuracy: number | null,
  params: Record<string, ParamValue> = {},
  over: Partial<Run> = {},
): Run {
  time += 1
  const metrics: Run['metrics'] =
    accuracy === null ? {} : { accuracy, precision: accuracy - 0.01, recall: accuracy - 0.02, fScore: accuracy - 0.015 }
  return makeRun({
    id: `r${time}`,
    kind,
    params: { ...presetParams(kind), ...params },
    createdAt: time,
    endedAt: time,
    metrics,
    ...over,
  })
}
