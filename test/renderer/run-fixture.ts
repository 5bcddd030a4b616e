import { presetParams } from '../../src/shared/experiments/index.ts'
import type { Run } from '../../src/shared/run.ts'

/** A run for tests of the window, done unless it is said otherwise. */
export const aRun = (over: Partial<Run> = {}): Run => ({
  id: 'run-1',
  kind: 'wgan-gp',
  preset: 'quick',
  params: presetParams(over.kind ?? 'wgan-gp', 'quick'),
  name: 'A run',
  status: 'done',
  tags: [],
  notes: '',
  createdAt: 0,
  startedAt: 0,
  endedAt: 60_000,
  activeMs: 60_000,
  attemptStartedAt: null,
  attempts: 1,
  queuePosition: null,
  progress: null,
  metrics: {},
  thumbnail: null,
  engine: null,
  problem: null,
  restartOf: null,
  ...over,
})
