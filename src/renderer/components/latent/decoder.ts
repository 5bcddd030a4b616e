import { decodeModel } from '../../../shared/saved-model.ts'
import type { StoredArray } from '../../../shared/safetensors.ts'

/** The decoder of a variational auto-encoder, in plain arrays: fast enough to follow a slider. */
export interface Decoder {
  latent: number
  height: number
  width: number
  channels: number
  /**
   * The mean of p(x | z).
   * @param z [latent]
   * @returns [height × width × channels] in [0, 1]; overwritten by the next call
   */
  decode(z: ArrayLike<number>): Float32Array
}

interface Layer {
  kernel: Float32Array
  bias: Float32Array
  inputs: number
  outputs: number
  result: Float32Array
}

/** Where a kind's saved models keep the auto-encoder whose codes its features are. */
const places: Record<string, string> = { vae: '', 'vae-svm': 'm1/' }

/** Whether a decoder can be had from a run of this kind. */
export const hasDecoder = (kind: string): boolean => Object.hasOwn(places, kind)

/**
 * Reads the decoder out of a saved model: `decoder{i}/kernel` [in, out] and `decoder{i}/bias`, softplus between the layers
 * and a sigmoid at the end (Kingma et al. 2014, model M1).
 * @param file an artifact `model` of a VAE, or of a classifier on the features of one
 * @throws Error that says what is wrong with the file
 */
export function readDecoder(file: Uint8Array): Decoder {
  const { header, state } = decodeModel(file)
  if (!hasDecoder(header.kind))
    throw new Error(`The saved model is of kind ${header.kind}; only the decoder of a VAE can draw from sliders.`)
  const part = (i: number, name: string) => state[`${places[header.kind]}decoder${i}/${name}`]
  const layers: Layer[] = []
  for (let i = 1; part(i, 'kernel') || part(i, 'bias'); i++) {
    const layer = layerOf(i, part(i, 'kernel'), part(i, 'bias'))
    const below = layers.at(-1)?.outputs
    if (below !== undefined && below !== layer.inputs)
      throw damaged(`layer ${i} of its decoder takes ${layer.inputs} numbers, the one before gives ${below}`)
    layers.push(layer)
  }
  const [first, last] = [layers[0], layers.at(-1)]
  if (!first || !last) throw damaged('it has no decoder')
  const { height, width, channels } = header
  if (last.outputs !== height * width * channels)
    throw damaged(`its decoder draws ${last.outputs} numbers, not ${height}×${width}×${channels}`)
  return {
    latent: first.inputs,
    height,
    width,
    channels,
    decode(z) {
      let input: ArrayLike<number> = z
      for (const layer of layers) {
        forward(layer, input)
        const { result } = layer
        if (layer === last) for (let j = 0; j < result.length; j++) result[j] = 1 / (1 + Math.exp(-result[j]!))
        else for (let j = 0; j < result.length; j++) result[j] = softplus(result[j]!)
        input = result
      }
      return last.result
    },
  }
}

const damaged = (what: string) => new Error(`The saved model is damaged: ${what}.`)
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

function layerOf(i: number, kernel: StoredArray | undefined, bias: StoredArray | undefined): Layer {
  const isFloat = kernel?.data instanceof Float32Array && bias?.data instanceof Float32Array
  if (!kernel || !bias || !isFloat || kernel.shape.length !== 2)
    throw damaged(`layer ${i} of its decoder is incomplete`)
  const [inputs, outputs] = kernel.shape as [number, number]
  if (bias.data.length !== outputs)
    throw damaged(`the bias of layer ${i} has ${bias.data.length} numbers, not ${outputs}`)
  return {
    kernel: kernel.data as Float32Array,
    bias: bias.data as Float32Array,
    inputs,
    outputs,
    result: new Float32Array(outputs),
  }
}

/** result = x K + b, row by row of K, so that memory is read in its order. */
function forward({ kernel, bias, inputs, outputs, result }: Layer, x: ArrayLike<number>): void {
  result.set(bias)
  for (let i = 0, at = 0; i < inputs; i++) {
    const v = x[i]!
    for (let j = 0; j < outputs; j++, at++) result[j]! += v * kernel[at]!
  }
}

/** The pixels of a decoded image for a canvas. */
export function toImageData({ height, width, channels }: Decoder, mean: Float32Array): ImageData {
  const rgba = new Uint8ClampedArray(4 * height * width)
  for (let p = 0; p < height * width; p++) {
    for (let c = 0; c < 3; c++) rgba[4 * p + c] = Math.round(255 * mean[p * channels + (channels === 3 ? c : 0)]!)
    rgba[4 * p + 3] = 255
  }
  return new ImageData(rgba, width, height)
}
