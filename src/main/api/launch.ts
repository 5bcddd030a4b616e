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

/**
 * Completes what a launch leaves out and checks all of it.
 * @throws BadInputError with one message a field: unknown or out of range, or a data set that there isn't.
 */
export async function completeSpec(
  launch: { kind: string; preset: string | null; params: Record<string, unknown> },
  datasets: DatasetService,
): Promise<RunSpec> {
  const { kind, preset } = launch
  const checked = checkParams(kind, withPreset(kind, preset, launch.params))
  if (!checked.ok) throw new BadInputError(checked.errors)
  const missing = await checkDataset(checked.params, datasets)
  if (missing) throw new BadInputError([missing])
  return { kind, preset, params: checked.params }
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
