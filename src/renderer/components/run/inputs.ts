import type { Run } from '../../../shared/run.ts'

/** A run that another one builds on, as far as the library still has it. */
export interface Input {
  role: string
  id: string
  /** Null when it was removed. */
  run: Run | null
}

export const inputsOf = (run: Run, byId: ReadonlyMap<string, Run>): Input[] =>
  run.inputs.map(({ role, runId }) => ({ role, id: runId, run: byId.get(runId) ?? null }))

/** The runs that a queued one waits for: those that it builds on and that are not done. */
export const waitsFor = (run: Run, byId: ReadonlyMap<string, Run>): Run[] =>
  run.status === 'queued'
    ? inputsOf(run, byId).flatMap((input) => (input.run && input.run.status !== 'done' ? [input.run] : []))
    : []
