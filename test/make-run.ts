import { presetParams } from '../src/shared/experiments/index.ts'
import type { Run } from '../src/shared/run.ts'

/** A run as the core would list it, with what a test cares about put over it. */
export function makeRun(over: Partial<Run> = {}): Run {
  const kind = over.kind ?? 'wgan-gp'
  return {
    id: 'r1',
    kind,
    preset: null,
    params: over.params ?? presetParams(kind),
    name: 'a run',
    status: 'done',
    tags: [],
    notes: '',
    createdAt: 1_000,
    startedAt: 2_000,
    endedAt: null,
    activeMs: 0,
    attemptStartedAt: null,
    attempts: 1,
    queuePosition: null,
    progress: null,
    metrics: {},
    thumbnail: null,
    engine: null,
    problem: null,
    restartOf: null,
    inputs: [],
    live: {},
    ...over,
  }
}
