import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { WorkerSpec } from '../../shared/events.ts'
import { checkParams, experimentKind } from '../../shared/experiments/index.ts'
import type { FieldError, Params } from '../../shared/experiments/index.ts'
import { setIdOf } from '../../shared/plane/sets.ts'
import type { Run } from '../../shared/run.ts'
import type { Library } from '../store/index.ts'

export type LiveChange = { ok: true; live: Params } | { ok: false; errors: FieldError[] }

/** A run's live parameters with a change over them, or one error a parameter that can't be changed or has a bad value. */
export function changedLive({ kind, params, live }: Run, change: Record<string, unknown>): LiveChange {
  const names = experimentKind(kind).live ?? []
  const may = names.length ? `What can be: ${names.join(', ')}` : `${kind} has no parameters that can be`
  const fixed = Object.keys(change)
    .filter((name) => !names.includes(name))
    .map((name) => ({ name, message: `${name} can't be changed while a run trains. ${may}.` }))
  if (fixed.length) return { ok: false, errors: fixed }
  const checked = checkParams(kind, { ...params, ...live, ...change })
  if (!checked.ok) return checked
  const wanted = names.filter((name) => checked.params[name] !== params[name] || name in live)
  return { ok: true, live: Object.fromEntries(wanted.map((name) => [name, checked.params[name]!])) }
}

/** Writes the sets of points that a run's parameters name into its attempt's folder: what the worker finds them by. */
export async function writeSets(library: Library, params: Params, directory: string): Promise<WorkerSpec['sets']> {
  const sets: WorkerSpec['sets'] = {}
  for (const value of Object.values(params)) {
    const id = typeof value === 'string' ? setIdOf(value) : null
    if (id === null || sets[String(value)]) continue
    const file = `sets/${id}.json`
    await mkdir(path.join(directory, 'sets'), { recursive: true })
    await writeFile(path.join(directory, file), JSON.stringify(library.planeSets.content(id)))
    sets[String(value)] = file
  }
  return sets
}
