import { checkParams, experimentKinds, presetParams } from '../../shared/experiments/index.ts'
import type { FieldError, Params } from '../../shared/experiments/index.ts'
import type { RunSpec } from '../../shared/run.ts'
import type { DatasetService } from '../datasets/index.ts'
import { BadInputError } from './errors.ts'

const messageOf = (error: unknown) => (error as Error).message

/** A preset's parameters with the given ones over them. @throws BadInputError for an unknown kind or preset. */
function withPreset(kind: string, preset: string | null, given: Record<string, unknown>): Record<string, unknown> {
  if (!experimentKinds.has(kind))
    throw new BadInputError([
      {
        name: 'kind',
        message: `There is no experiment "${kind}". The kinds are: ${[...experimentKinds.keys()].join(', ')}.`,
      },
    ])
  try {
    return { ...presetParams(kind, preset), ...given }
  } catch (error) {
    throw new BadInputError([{ name: 'preset', message: messageOf(error) }])
  }
}

/** What a launch says; parameters left out are those of the preset, or the defaults. */
export interface Launch {
  kind: string
  preset: string | null
  params: Record<string, unknown>
}

/**
 * Completes what a launch leaves out and checks every parameter by itself.
 * @throws BadInputError with one message a field.
 */
function completeParams({ kind, preset, params }: Launch): Params {
  const checked = checkParams(kind, withPreset(kind, preset, params))
  if (!checked.ok) throw new BadInputError(checked.errors)
  return checked.params
}

/**
 * Completes a launch and checks all of it, also that there is such a data set.
 * @throws BadInputError with one message a field.
 */
export async function completeSpec(launch: Launch, datasets: DatasetService): Promise<RunSpec> {
  const params = completeParams(launch)
  const missing = await checkDataset(params, datasets)
  if (missing) throw new BadInputError([missing])
  return { kind: launch.kind, preset: launch.preset, params }
}

async function checkDataset({ dataset }: Params, datasets: DatasetService): Promise<FieldError | null> {
  if (typeof dataset !== 'string' || (await datasets.exists(dataset))) return null
  const sets = datasets.current()
  const found = sets.find((set) => set.id === dataset)
  const ids = sets.filter((set) => !set.imported || set.state === 'ready').map((set) => set.id)
  const why = found
    ? `The data set "${dataset}" is ${found.state}, so nothing can be trained on it.`
    : `There is no data set "${dataset}".`
  return { name: 'dataset', message: `${why} There are: ${ids.join(', ')}.` }
}
