import type { Params } from '../../../shared/experiments/index.ts'
import type { Change } from '../../../shared/run.ts'

/** The parameters of a run over its steps: the spec's, the changes that were made before, and the user's of now. */
export interface ChangeSchedule {
  /** Those in force. */
  readonly params: Params
  /**
   * The changes to make before this step: first those that an earlier attempt made there, so that it is repeated, then
   * what the user has changed since this attempt began.
   * @param live what the user wants now
   */
  due(step: number, live: Params): Params[]
  /** Puts changed parameters in force. */
  make(changed: Params): void
}

/**
 * @param changes of earlier attempts, in their order
 * @param resumed step that the run goes on from: what was changed before it is in force
 */
export function changeSchedule(initial: Params, changes: readonly Change[], resumed: number): ChangeSchedule {
  let params = { ...initial }
  for (const change of changes) if (change.step < resumed) params = { ...params, ...change.params }
  const later = changes
    .filter(({ step }) => step >= resumed)
    .map((change) => ({ ...change, params: { ...change.params } }))
  /** What the user wanted when this attempt began; only what differs from it is new. */
  const wanted: Params = Object.assign({}, initial, ...changes.map((change) => change.params)) as Params

  return {
    get params() {
      return params
    },
    due(step, live) {
      const all: Params[] = []
      while (later.length > 0 && later[0]!.step <= step) all.push(later.shift()!.params)
      const fresh = Object.entries(live).filter(([name, value]) => wanted[name] !== value)
      if (fresh.length > 0) all.push(Object.fromEntries(fresh))
      // The user's last word on a parameter is not taken back by a change of before.
      for (const change of later) for (const [name] of fresh) delete change.params[name]
      Object.assign(wanted, live)
      return all.filter((changed) => Object.keys(changed).length > 0)
    },
    make(changed) {
      params = { ...params, ...changed }
    },
  }
}
