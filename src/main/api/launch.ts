import { checkParams, experimentKinds, presetParams } from '../../shared/experiments/index.ts'
import type { FieldError, Params } from '../../shared/experiments/index.ts'
import type { RunSpec } from '../../shared/run.ts'
import type { DatasetService, DatasetShape } from '../datasets/index.ts'
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
 * Completes a launch and checks all of it, also that there is such a data set and that it has what is asked of it.
 * @throws BadInputError with one message a field.
 */
export async function completeSpec(launch: Launch, datasets: DatasetService): Promise<RunSpec> {
  const spec = { kind: launch.kind, preset: launch.preset, params: completeParams(launch) }
  await checkSpecs([spec], datasets)
  return spec
}

/**
 * Checks of specs with complete parameters that there are such data sets, and that these have what is asked of them.
 * @throws BadInputError with each message once.
 */
export async function checkSpecs(specs: RunSpec[], datasets: DatasetService): Promise<void> {
  const errors = new Map<string, FieldError>()
  const sets = new Map<string, { error: FieldError | null; shape: DatasetShape | null }>()
  for (const { params } of specs) {
    const { dataset } = params
    if (typeof dataset !== 'string') continue
    let set = sets.get(dataset)
    if (!set) {
      const error = await checkDataset(dataset, datasets)
      sets.set(dataset, (set = { error, shape: error ? null : await datasets.shape(dataset) }))
    }
    const found = set.error ? [set.error] : set.shape ? checkLabels(params, dataset, set.shape) : []
    for (const error of found) errors.set(error.message, error)
  }
  if (errors.size > 0) throw new BadInputError([...errors.values()])
}

/** What a budget of labels must be for a data set; what of the set isn't known yet is left to the worker. */
function checkLabels({ labels, limit }: Params, dataset: string, shape: DatasetShape): FieldError[] {
  if (typeof labels !== 'number') return []
  const { classes, trainCount } = shape
  if (classes.length === 0)
    return [
      {
        name: 'dataset',
        message: `dataset must be a set with classes, since the run learns from labels; ${dataset} has none.`,
      },
    ]
  if (labels < classes.length)
    return [
      {
        name: 'labels',
        message: `labels must be at least ${classes.length}, one for each class of ${dataset}, not ${labels}.`,
      },
    ]
  const images = trainCount === null ? null : Math.min(trainCount, Number(limit) || trainCount)
  return images !== null && labels > images
    ? [
        {
          name: 'labels',
          message: `labels must be at most ${images}, the number of training images of ${dataset}, not ${labels}.`,
        },
      ]
    : []
}

async function checkDataset(dataset: string, datasets: DatasetService): Promise<FieldError | null> {
  if (await datasets.exists(dataset)) return null
  const sets = datasets.current()
  const found = sets.find((set) => set.id === dataset)
  const ids = sets.filter((set) => !set.imported || set.state === 'ready').map((set) => set.id)
  const why = found
    ? `The data set "${dataset}" is ${found.state}, so nothing can be trained on it.`
    : `There is no data set "${dataset}".`
  return { name: 'dataset', message: `${why} There are: ${ids.join(', ')}.` }
}
