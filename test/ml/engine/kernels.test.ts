import type * as Tfjs from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import { enginesHere, normalTensor, normals } from './finite-differences.ts'

type T4 = Tfjs.Tensor4D
type Arr = ArrayLike<number>
type Pad = 'same' | 'valid' | [[0, 0], [number, number], [number, number], [0, 0]]

interface ConvCase {
  input: [number, number, number, number]
  filter: [number, number, number, number]
  stride: number
  pad: Pad
}

/** Both gradients by their definition, in JavaScript numbers. */
function gradients(tf: Tf, { input, filter, stride, pad }: ConvCase, x: Arr, weights: Arr, dy: Arr) {
  const info = tf.backend_util.computeConv2DInfo(input, filter, stride, 1, pad as 'same')
  const [batch, height, width, inDepth] = input
  const [filterHeight, filterWidth, , outDepth] = filter
  const dw = new Float64Array(weights.length)
  const dx = new Float64Array(x.length)
  for (let n = 0; n < batch; n++)
    for (let oh = 0; oh < info.outHeight; oh++)
      for (let ow = 0; ow < info.outWidth; ow++)
        for (let i = 0; i < filterHeight; i++)
          for (let j = 0; j < filterWidth; j++) {
            const h = oh * stride + i - info.padInfo.top
            const w = ow * stride + j - info.padInfo.left
            if (h < 0 || w < 0 || h >= height || w >= width) continue
            for (let c = 0; c < inDepth; c++)
              for (let k = 0; k < outDepth; k++) {
                const xi = ((n * height + h) * width + w) * inDepth + c
                const wi = ((i * filterWidth + j) * inDepth + c) * outDepth + k
                const upstream = dy[((n * info.outHeight + oh) * info.outWidth + ow) * outDepth + k]!
                dw[wi]! += x[xi]! * upstream
                dx[xi]! += weights[wi]! * upstream
              }
          }
  return { dx, dw }
}

const pads: Pad[] = [
  'same',
  'valid',
  [
    [0, 0],
    [2, 1],
    [0, 3],
    [0, 0],
  ],
]
const convCases: ConvCase[] = [1, 2, 3].flatMap((stride) =>
  pads.flatMap((pad) =>
    [
      [3, 3],
      [5, 5],
      [2, 1],
      [4, 2],
    ].flatMap(([kh, kw]) =>
      [
        [8, 8],
        [7, 9],
      ].map(([h, w]): ConvCase => ({ input: [3, h!, w!, 2], filter: [kh!, kw!, 2, 4], stride, pad })),
    ),
  ),
)

describe.each(await enginesHere())('kernels on %s', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })

  it.each(convCases)('computes both gradients of conv2d of $input by $filter, stride $stride, pad $pad', (c) => {
    // tfjs's native backend has no explicit padding.
    if (prefer === 'native' && typeof c.pad !== 'string') return
    tf.tidy(() => {
      const normal = normals(7)
      const x = normalTensor(tf, normal, c.input) as T4
      const filter = normalTensor(tf, normal, c.filter) as T4
      const shape = tf.conv2d(x, filter, c.stride, c.pad as 'same').shape
      const dy = normalTensor(tf, normal, shape) as T4
      const [dx, dw] = tf.grads((a, b) => tf.conv2d(a as T4, b as T4, c.stride, c.pad as 'same'))([x, filter], dy)
      const expected = gradients(tf, c, x.dataSync(), filter.dataSync(), dy.dataSync())
      const worst = (found: Tfjs.Tensor, wanted: Float64Array) =>
        Math.max(...found.dataSync().map((value, i) => Math.abs(value - wanted[i]!)))
      expect(worst(dx!, expected.dx)).toBeLessThan(1e-4)
      expect(worst(dw!, expected.dw)).toBeLessThan(1e-4)
    })
  })

  it('sums the gradient of gather over repeated indices', () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2])
    const gradient = tf.grad((at: Tfjs.Tensor) => tf.gather(at, tf.tensor1d([2, 0, 2], 'int32')))(x)
    expect([...gradient.dataSync()]).toEqual([1, 1, 0, 0, 2, 2])
  })

  it('averages over what lies inside the image, and sends the gradient back alike', () => {
    const x = tf.ones([1, 3, 3, 1]) as T4
    const pool = (at: Tfjs.Tensor) => tf.avgPool(at as T4, 2, 2, 'same')
    expect([...pool(x).dataSync()]).toEqual([1, 1, 1, 1])
    // Windows of 4, 2, 2 and 1 pixels.
    expect([...tf.grad(pool)(x).dataSync()]).toEqual([0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1])
  })

  it('sends the gradient of max pooling to the maximum of a window of negative numbers', () => {
    const x = tf.tensor4d([-3, -1, -2, -4], [1, 2, 2, 1])
    const gradient = tf.grad((at: Tfjs.Tensor) => tf.maxPool(at as T4, 2, 2, 'valid'))(x)
    expect([...gradient.dataSync()]).toEqual([0, 1, 0, 0])
  })

  it('sends the gradient of max pooling to one of equal maxima', () => {
    const gradient = tf.grad((at: Tfjs.Tensor) => tf.maxPool(at as T4, 2, 2, 'valid'))(tf.zeros([1, 2, 2, 1]))
    expect([...gradient.dataSync()]).toEqual([1, 0, 0, 0])
  })
})

it('computes the same training gradients on every engine of this machine', async () => {
  const results: Float32Array[] = []
  for (const prefer of await enginesHere()) {
    const { tf } = await openEngine({ prefer })
    const normal = normals(3)
    const x = normalTensor(tf, normal, [4, 14, 14, 1]) as T4
    const first = tf.variable(normalTensor(tf, normal, [5, 5, 1, 8], 0.2) as T4)
    const second = tf.variable(normalTensor(tf, normal, [5, 5, 8, 16], 0.1) as T4)
    const critic = (at: Tfjs.Tensor) =>
      tf.mean(tf.conv2d(tf.leakyRelu(tf.conv2d(at as T4, first, 2, 'same'), 0.2), second, 2, 'same'))
    const { grads } = tf.variableGrads(() => {
      const slopes = tf.grad(critic)(x)
      return tf.add(critic(x), tf.mul(10, tf.sum(tf.square(slopes)))) as Tfjs.Scalar
    }, [first, second])
    results.push(new Float32Array([...grads[first.name]!.dataSync(), ...grads[second.name]!.dataSync()]))
  }
  const [reference, ...others] = results
  const scale = Math.max(...reference!.map(Math.abs))
  for (const other of others)
    expect(Math.max(...other.map((value, i) => Math.abs(value - reference![i]!)))).toBeLessThan(1e-4 * scale)
})
