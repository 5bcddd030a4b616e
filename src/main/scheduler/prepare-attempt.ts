import path from 'node:path'
import type { WorkerSpec } from '../../shared/events.ts'
import { artifactNames } from '../../shared/results.ts'
import type { Checkpoint, Run } from '../../shared/run.ts'
import type { Library } from '../store/index.ts'
import { INPUTS_FOLDER, RESUME_FILE, writeSpec } from './attempt-folder.ts'
import { writeSets } from './live.ts'
import { readSettings } from './settings.ts'

/**
 * Puts all that a worker needs into its attempt's folder: the checkpoint to go on from, the models that it builds on,
 * sets of points, the spec.
 */
export async function prepareAttempt(
  library: Library,
  run: Run,
  { attempt, directory }: { attempt: number; directory: string },
  { cacheDirectory, engine }: Pick<WorkerSpec, 'cacheDirectory' | 'engine'>,
  checkpoint: Checkpoint | null,
): Promise<void> {
  const { id: runId, kind, preset, params } = run
  if (checkpoint) await library.writeBlob(checkpoint.hash, path.join(directory, RESUME_FILE))
  const resume = checkpoint && { file: RESUME_FILE, step: checkpoint.step }
  const inputs = await writeInputs(library, run, directory)
  const sets = await writeSets(library, params, directory)
  const changes = library.changes(runId)
  await writeSpec(directory, {
    runId,
    attempt,
    kind,
    preset,
    params,
    cacheDirectory,
    engine,
    threads: null,
    resume,
    onNonFinite: readSettings(library).onNonFinite,
    inputs,
    sets,
    changes,
  })
}

/** Models that a run was given at its launch, and those of the runs that it builds on. */
async function writeInputs(library: Library, run: Run, directory: string): Promise<WorkerSpec['inputs']> {
  const given = library.given(run.id)
  const roles = new Set([...Object.keys(given), ...run.inputs.map(({ role }) => role)])
  const inputs: WorkerSpec['inputs'] = {}
  for (const role of roles) {
    const runId = run.inputs.find((input) => input.role === role)?.runId ?? null
    const hash = given[role] ?? modelOf(library, runId!)
    const file = `${INPUTS_FOLDER}/${role}.safetensors`
    await library.writeBlob(hash, path.join(directory, file))
    inputs[role] = { file, runId }
  }
  return inputs
}

function modelOf(library: Library, runId: string): string {
  const model = library.artifacts(runId).find(({ name }) => name === artifactNames.model)
  if (!model) throw new Error(`Run ${runId}, on which this one builds, has no model.`)
  return model.hash
}
