import { actionsOf } from '../../shared/run.ts'
import type { Run, RunStatus } from '../../shared/run.ts'
import { NotFoundError } from '../store/index.ts'
import type { Library } from '../store/index.ts'
import { ConflictError } from './errors.ts'

export type Action = keyof ReturnType<typeof actionsOf>

const doneTo: Record<Action, string> = {
  pause: 'paused',
  resume: 'resumed',
  stop: 'stopped',
  restart: 'restarted',
  remove: 'deleted',
}
/** Statuses in which an action has been asked for already, so that asking again changes nothing. */
const already: Partial<Record<Action, readonly RunStatus[]>> = {
  pause: ['pausing', 'paused'],
  resume: ['queued', 'starting', 'running'],
  stop: ['stopping', 'stopped'],
}

/** @throws NotFoundError. */
export function needRun(library: Library, id: string): Run {
  const run = library.run(id)
  if (!run) throw new NotFoundError(`There is no run "${id}" in this library.`)
  return run
}

export const label = ({ id, name }: Run): string => `Run ${id} ("${name}")`

/**
 * The runs that an action is to be done to, each once; all of them have to allow it.
 * @throws NotFoundError, ConflictError.
 */
export function allowed(library: Library, action: Action, ids: string[]): Run[] {
  const runs = [...new Set(ids)].map((id) => needRun(library, id)).filter((r) => !already[action]?.includes(r.status))
  const refused = runs.filter((run) => !actionsOf(run.status)[action])
  if (refused.length === 0) return runs
  const which = refused.map((run) => `${label(run)} is ${run.status}`).join('; ')
  const can = Object.entries(actionsOf(refused[0]!.status)).filter(([, allows]) => allows)
  throw new ConflictError(
    `${which}, so it can't be ${doneTo[action]}. What can be done: ${can.map(([name]) => name).join(', ')}.`,
  )
}
