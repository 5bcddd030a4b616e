import type * as Tfjs from '@tensorflow/tfjs'

type Tf = typeof Tfjs
type Named = Record<string, Tfjs.Tensor>
type GradientFunction = (dy: Tfjs.Tensor, saved: Tfjs.Tensor[], attrs: object) => Record<string, () => Tfjs.Tensor>

/** The private part of tfjs 4.22's engine that records operations for differentiation. */
interface TapeEngine {
  state: { kernelDepth: number }
  addTapeNode(
    kernelName: string,
    inputs: Named,
    outputs: Tfjs.Tensor[],
    gradient: GradientFunction | null,
    saved: Tfjs.Tensor[],
    attrs: object,
  ): void
}

/**
 * Operations whose derivative is zero wherever it exists. Their results are constants to the tape: a mask such as
 * `x > 0` then costs nothing in the second backward pass, instead of chains of zeros.
 */
const piecewiseConstant = new Set([
  'ArgMax',
  'ArgMin',
  'Ceil',
  'Equal',
  'Floor',
  'Greater',
  'GreaterEqual',
  'IsFinite',
  'IsInf',
  'IsNan',
  'Less',
  'LessEqual',
  'LogicalAnd',
  'LogicalNot',
  'LogicalOr',
  'LogicalXor',
  'NotEqual',
  'OneHot',
  'OnesLike',
  'Round',
  'Sign',
  'Step',
  'ZerosLike',
])

const mended = new WeakSet<object>()

/**
 * Mends the recording of saved tensors in tfjs 4.22, once per engine; later calls do nothing.
 *
 * An operation that saves its own *output* for its gradient (tanh, sigmoid, exp, softmax, elu, max, pooling, pow, and
 * every `customGrad` that saves its value) gets a copy that tfjs records *before* the operation itself. A second
 * backward pass then takes the copy for a constant, and the second-order gradient is silently wrong. Here the copy is
 * recorded after its producer.
 *
 * A `customGrad` may also save a tensor that is neither an input nor its value. Nothing on the tape tells how such a
 * tensor depends on the inputs, so a second-order gradient through it throws instead of leaving the term out.
 *
 * Operations with zero derivative are not recorded at all: a variable that is reached only through them has *no*
 * gradient (tf.variableGrads leaves it out, tf.grads throws) where tfjs would have computed zeros.
 */
export function mendTape(tf: Tf): void {
  const engine = tf.engine() as unknown as TapeEngine
  if (mended.has(engine)) return
  mended.add(engine)

  const record = engine.addTapeNode.bind(engine)
  let copies: { source: Tfjs.Tensor; copy: Tfjs.Tensor; gradient: GradientFunction | null }[] = []

  engine.addTapeNode = (kernelName, inputs, outputs, gradient, saved, attrs) => {
    // Inside a running kernel tfjs records nothing but the copies that it saves.
    if (engine.state.kernelDepth > 0) {
      copies.push({ source: inputs['x']!, copy: outputs[0]!, gradient })
      return
    }
    // Whatever else is in the list was saved by a kernel that threw.
    const ownCopies = copies.filter(({ copy }) => saved.includes(copy))
    copies = []
    const toIntegers = kernelName === 'Cast' && (attrs as { dtype?: string }).dtype !== 'float32'
    if (toIntegers || piecewiseConstant.has(kernelName)) {
      // The tape would have disposed of these.
      for (const copy of saved) copy.dispose()
      return
    }

    record(kernelName, inputs, outputs, gradient, saved, attrs)
    const known = [...outputs, ...Object.values(inputs).filter((input) => input != null)]
    for (const { source, copy, gradient: identity } of ownCopies) {
      if (known.some((tensor) => tensor.id === source.id)) {
        record('Identity', { x: source }, [copy], identity, [], {})
        continue
      }
      const refuse: GradientFunction = () => {
        throw new Error(
          'The second-order gradient of a tf.customGrad is not available: its gradient uses a tensor of shape ' +
            `[${copy.shape.join(', ')}] that was computed inside it and saved. Save only its inputs and its value, ` +
            'and compute the rest in the gradient function with differentiable operations.',
        )
      }
      record('customGrad', inputs, [copy], refuse, [], {})
    }
  }
}
