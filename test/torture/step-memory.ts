import type * as Tfjs from '@tensorflow/tfjs'
import { openEngine } from '../../src/ml/engine/open.ts'
import { stepWorkloads } from './step-workloads.ts'

/**
 * Counts what is left of training steps: node --expose-gc step-memory.ts STEPS LOOKS KIND … trains each kind for so many
 * steps, records like an epoch's end before each of so many looks, and prints a JSON line a kind.
 */
export interface StepMemory {
  kind: string
  /** Whether the kind trains in TensorFlow's native engine. */
  native: boolean
  looks: { step: number; tensors: number; buffers: number; variables: number; resident: number }[]
}

interface Backend extends Tfjs.KernelBackend {
  executeMultipleOutputs(name: string, ...rest: unknown[]): unknown
  executeSingleOutput(name: string, ...rest: unknown[]): unknown
}

const [steps, looks, ...kinds] = process.argv.slice(2)
const every = Math.floor(Number(steps) / Number(looks))
// The networks are too small for more than one thread, and the machine has other things to do.
const { tf, info } = await openEngine({ threads: 1 })
const collect = (globalThis as { gc?: () => void }).gc
if (!collect) throw new Error('Start Node with --expose-gc: what it has yet to collect is no leak.')

/** TensorFlow's resource variables that were made; the engine has no other way to make one than by this operation. */
let made = 0
if (info.backend === 'native') {
  const backend = tf.backend() as Backend
  for (const method of ['executeSingleOutput', 'executeMultipleOutputs'] as const) {
    const execute = backend[method].bind(backend)
    backend[method] = (name, ...rest) => {
      if (name === 'VarHandleOp') made++
      return execute(name, ...rest)
    }
  }
}

for (const kind of kinds) {
  const workload = await stepWorkloads[kind]!(tf)
  const found: StepMemory = { kind, native: info.backend === 'native', looks: [] }
  for (let step = 0; step < Number(steps);) {
    for (let i = 0; i < every; i++) workload.step(step++)
    await workload.record()
    // A turn of the loop, for what waits for one; then all that can be collected.
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    found.looks.push({
      step,
      tensors: tf.memory().numTensors,
      buffers: tf.memory().numDataBuffers,
      variables: made + Object.keys(tf.engine().registeredVariables).length,
      resident: process.memoryUsage.rss(),
    })
  }
  process.stdout.write(`${JSON.stringify(found)}\n`)
}
process.exit(0)
