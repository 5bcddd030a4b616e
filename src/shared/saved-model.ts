import { z } from 'zod'
import { experimentKind } from './experiments/index.ts'
import type { FieldError, Params } from './experiments/index.ts'
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts'
import type { StoredState } from './safetensors.ts'

/**
 * A trained model as a file: its weights in safetensors format, and in the header's texts what it was trained as. That is
 * what a run leaves as its artifact `model`, what `mode load` takes, and what runs that build on others get.
 */
const format = 'atelier-model-1'

export const ModelHeader = z.object({
  kind: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  dataset: z.string(),
  classes: z.array(z.string()),
  height: z.number().int(),
  width: z.number().int(),
  channels: z.number().int(),
})
export type ModelHeader = z.infer<typeof ModelHeader>

export interface SavedModel {
  header: ModelHeader
  state: StoredState
}

export function encodeModel({ header, state }: SavedModel): Uint8Array {
  return encodeSafetensors(state, { format, model: JSON.stringify(header) })
}

/** @throws Error that says what is wrong with the file and what would do */
export function decodeModel(file: Uint8Array): SavedModel {
  const { state, metadata } = decodeSafetensors(file)
  if (metadata['format'] !== format)
    throw new Error(
      'The file is no saved model of Atelier. Give one that a run left as its “model” (not a checkpoint).',
    )
  const header = ModelHeader.safeParse(parsed(metadata['model']))
  if (!header.success) throw new Error('The saved model does not say what it was trained as; it is damaged.')
  return { header: header.data, state }
}

function parsed(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? '')
  } catch {
    return null
  }
}

/** Parameters that shape a model's arrays or say what its inputs mean: a model to be loaded must have the same. */
const shaping = ['hidden', 'layers', 'latent', 'units', 'classLatent', 'features', 'kernel']

/** Whether a saved model is one that a run of this kind, with these parameters, can load: one error a mismatch. */
export function modelErrors(kind: string, params: Params, header: ModelHeader): FieldError[] {
  const error = (message: string) => ({ name: 'model', message })
  if (header.kind !== kind) {
    const { title } = experimentKind(kind)
    return [error(`The saved model is of kind ${header.kind}; ${title} loads models of kind ${kind}.`)]
  }
  const errors: FieldError[] = []
  if (header.dataset !== params.dataset)
    errors.push(
      error(
        `The saved model was trained on ${header.dataset}, not on ${String(params.dataset)}; choose that data set.`,
      ),
    )
  for (const name of shaping)
    if (params[name] !== undefined && header.params[name] !== undefined && header.params[name] !== params[name])
      errors.push(
        error(`The saved model has ${name} ${header.params[name]}, not ${params[name]}; set ${name} to what it has.`),
      )
  return errors
}
