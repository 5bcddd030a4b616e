import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Params } from '../../shared/experiments/index.ts'
import { artifactNames } from '../../shared/results.ts'
import type { Run, RunInput, RunSpec } from '../../shared/run.ts'
import { decodeModel, modelErrors } from '../../shared/saved-model.ts'
import type { ModelHeader } from '../../shared/saved-model.ts'
import type { Library } from '../store/index.ts'
import { BadInputError } from './errors.ts'

const MOST_BYTES = 1 << 30
const ROLE = 'model'

/** What a run is launched with: its spec, and the saved model that it loads, if it does. */
export interface Prepared extends RunSpec {
  inputs: RunInput[]
  /** The model as a content of the library, so that it stays what it was at the launch. */
  given: Record<string, string>
}

interface Found {
  /** As it is to stand in the parameters: a run's whole id, or a path. */
  model: string
  hash: string
  runId: string | null
  header: ModelHeader
}

const wrong = (message: string) => new BadInputError([{ name: 'model', message }])

/**
 * The saved models that runs name in mode load, each looked up and read once.
 *
 * A model is named by a run's id or a unique beginning of it, or by the absolute path of an exported file.
 */
export class SavedModels {
  private readonly library: Library
  private readonly found = new Map<string, Promise<Found>>()

  constructor(library: Library) {
    this.library = library
  }

  /**
   * Completes a checked spec with the model that it loads.
   * @throws BadInputError on `model` when there is none, or it can't be used by that run
   */
  async prepare(spec: RunSpec): Promise<Prepared> {
    const { kind, params } = spec
    if (params.mode !== 'load') return { ...spec, inputs: [], given: {} }
    const name = String(params.model)
    let finding = this.found.get(name)
    if (!finding) this.found.set(name, (finding = this.find(name)))
    const { model, hash, runId, header } = await finding
    const errors = modelErrors(kind, params, header)
    if (errors.length > 0) throw new BadInputError(errors)
    return {
      ...spec,
      params: { ...params, model },
      inputs: runId === null ? [] : [{ role: ROLE, runId }],
      given: { [ROLE]: hash },
    }
  }

  private find(name: string): Promise<Found> {
    return path.isAbsolute(name) ? this.fromFile(name) : this.fromRun(name)
  }

  private async fromRun(name: string): Promise<Found> {
    const run = runNamed(this.library.runs(), name)
    const model = this.library.artifacts(run.id).find((artifact) => artifact.name === artifactNames.model)
    if (!model)
      throw wrong(
        run.status === 'done'
          ? `Run ${run.id} ("${run.name}") has left no saved model; choose a run that has.`
          : `Run ${run.id} ("${run.name}") has no saved model yet: it is ${run.status}. Wait until it is done.`,
      )
    const { header } = decoded(this.library.blob(model.hash)!, `The model of run ${run.id} can't be used`)
    return { model: run.id, hash: model.hash, runId: run.id, header }
  }

  private async fromFile(file: string): Promise<Found> {
    const content = await read(file)
    const { header } = decoded(content, `${file} can't be used`)
    const sha256 = createHash('sha256').update(content).digest('hex')
    try {
      await this.library.stageBlob(file, { sha256, bytes: content.length })
    } catch (error) {
      if ((error as Error).name === 'LibraryError') throw error
      throw wrong(`${file} was changed while it was read; try again. (${(error as Error).message})`)
    }
    return { model: file, hash: sha256, runId: null, header }
  }
}

/** Checks model files that specs load, as far as that needs no library. @throws BadInputError. */
export async function checkModelFiles(specs: RunSpec[]): Promise<void> {
  const headers = new Map<string, ModelHeader>()
  for (const { kind, params } of specs) {
    const file = String(params.model)
    if (params.mode !== 'load' || !path.isAbsolute(file)) continue
    let header = headers.get(file)
    if (!header) headers.set(file, (header = decoded(await read(file), `${file} can't be used`).header))
    const errors = modelErrors(kind, params, header)
    if (errors.length > 0) throw new BadInputError(errors)
  }
}

/** @throws BadInputError. */
function runNamed(runs: Run[], name: string): Run {
  const exact = runs.find(({ id }) => id === name)
  const found = exact ? [exact] : runs.filter(({ id }) => id.startsWith(name))
  if (found.length === 1) return found[0]!
  if (found.length > 1)
    throw wrong(`model names ${found.length} runs whose ids begin with "${name}"; give more of the id.`)
  throw wrong(`model must be the id of a run of this library or the whole path of a model file; "${name}" is neither.`)
}

/** A model's run by its whole id where a unique beginning of it is given; anything else stays. */
export function wholeModel(params: Params, library: Library): Params {
  const { mode, model } = params
  if (mode !== 'load' || typeof model !== 'string' || path.isAbsolute(model)) return params
  const found = library.runs().filter(({ id }) => id.startsWith(model))
  return found.length === 1 ? { ...params, model: found[0]!.id } : params
}

function decoded(content: Uint8Array, what: string) {
  try {
    return decodeModel(content)
  } catch (error) {
    throw wrong(`${what}: ${(error as Error).message}`)
  }
}

async function read(file: string): Promise<Buffer> {
  try {
    const found = await stat(file)
    if (!found.isFile()) throw wrong(`${file} is no file; give the path of a saved model.`)
    if (found.size > MOST_BYTES)
      throw wrong(`${file} has ${found.size} bytes; a saved model has at most ${MOST_BYTES} (1 GiB).`)
    return await readFile(file)
  } catch (error) {
    if (error instanceof BadInputError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw wrong(code === 'ENOENT' ? `There is no file ${file}.` : `${file} can't be read: ${message}`)
  }
}
