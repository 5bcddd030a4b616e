import { readFileSync } from 'node:fs'
import path from 'node:path'
import { WorkerSpec } from '../../shared/events.ts'
import { checkParams, experimentKinds } from '../../shared/experiments/index.ts'
import { artifactNames, safetensorsType } from '../../shared/results.ts'
import { decodeModel, encodeModel } from '../../shared/saved-model.ts'
import type { SavedModel } from '../../shared/saved-model.ts'
import { openEngine, plainEngine } from '../engine/index.ts'
import { trainingLoops } from '../experiments/index.ts'
import { saveFile } from './artifact.ts'
import { loadCheckpoint } from './checkpoint.ts'
import type { RunContext } from './context.ts'
import { openControl } from './control.ts'
import { describeProblem, problemOfSignal } from './problems.ts'
import { openRunLog } from './run-log.ts'

/**
 * One attempt at a run: reads `spec.json` in its folder, trains, and appends all that happens to `events.log`.
 * @returns the exit status: 0 when the log tells how it ended, also when it failed; 1 when there is nothing to tell it to
 */
export async function runAttempt(folder: string): Promise<number> {
  const spec = WorkerSpec.parse(JSON.parse(readFileSync(path.join(folder, 'spec.json'), 'utf8')))
  const log = openRunLog(path.join(folder, 'events.log'))
  const control = openControl(folder)
  let step = spec.resume?.step ?? 0
  try {
    const plain = experimentKinds.get(spec.kind)?.engine === 'javascript'
    const engine = plain ? plainEngine() : await openEngine({ prefer: spec.engine, threads: spec.threads ?? undefined })
    const resumedFrom = spec.resume?.step ?? null
    log.event({ type: 'hello', attempt: spec.attempt, pid: process.pid, engine: engine.info, resumedFrom })
    if (engine.info.reason)
      log.warning(`Training on ${engine.info.name}. ${engine.info.reason} ${engine.info.howTo ?? ''}`)

    const checked = checkParams(spec.kind, spec.params)
    if (!checked.ok) throw new Error(checked.errors.map((e) => e.message).join(' '))
    const train = trainingLoops[spec.kind]
    if (!train) throw new Error(`This version of Atelier can't train "${spec.kind}".`)
    const resume = spec.resume && {
      step: spec.resume.step,
      state: loadCheckpoint(path.join(folder, spec.resume.file), spec, spec.resume.step),
    }
    const inputs = readInputs(folder, spec)
    const artifact: RunContext['artifact'] = (step, { name, mediaType, description }, content) => {
      const saved = saveFile(folder, `artifacts/${name}-${step}`, content)
      log.event({ type: 'artifact', step, name, mediaType, description, ...saved })
    }
    const saveModel: RunContext['saveModel'] = (step, model) =>
      artifact(
        step,
        { name: artifactNames.model, mediaType: safetensorsType, description: 'The trained model' },
        encodeModel(model),
      )
    const context = { engine, spec, folder, log, ...control, resume, inputs, artifact, saveModel }
    const outcome = await train(context, checked.params)
    step = outcome.step
    const signal = outcome.status === 'stopped' && !outcome.problem ? control.interruptedBy() : null
    if (signal) log.event({ type: 'ended', status: 'interrupted', step, problem: problemOfSignal(signal, step) })
    else log.event({ type: 'ended', problem: null, ...outcome })
  } catch (error) {
    log.event({ type: 'ended', status: 'failed', step, problem: describeProblem(error) })
  } finally {
    log.close()
  }
  return 0
}

/** @throws Error that names the input which can't be used */
function readInputs(folder: string, spec: WorkerSpec): Record<string, SavedModel> {
  const inputs: Record<string, SavedModel> = {}
  for (const [role, { file, runId }] of Object.entries(spec.inputs))
    try {
      inputs[role] = decodeModel(readFileSync(path.resolve(folder, file)))
    } catch (error) {
      const whose = runId ? `of run ${runId}` : `in ${file}`
      throw new Error(`The model ${whose} can't be used: ${(error as Error).message}`, { cause: error })
    }
  return inputs
}
