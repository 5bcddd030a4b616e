import type * as Tfjs from '@tensorflow/tfjs'

type Tf = typeof Tfjs
type Tensor = Tfjs.Tensor

/** One attribute of a TensorFlow operation, as tfjs-node's binding takes it. */
export interface OpAttribute {
  name: string
  type: number
  value: number | boolean | string | number[]
}

interface Binding {
  TF_FLOAT: number
  TF_INT32: number
  TF_ATTR_BOOL: number
  TF_ATTR_FLOAT: number
  TF_ATTR_INT: number
  TF_ATTR_SHAPE: number
  TF_ATTR_STRING: number
  TF_ATTR_TYPE: number
}

interface NativeBackend extends Tfjs.KernelBackend {
  binding: Binding
  executeSingleOutput(name: string, attributes: OpAttribute[], inputs: Tensor[]): Tensor
  executeMultipleOutputs(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[]
}

/**
 * TensorFlow's own operations by name, for those that tfjs does not wrap. Results belong to the enclosing tidy like any
 * other tensor. Nothing is recorded for differentiation.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/raw_ops for names, inputs and attributes
 */
export interface RawOps {
  run<T extends Tensor = Tensor>(name: string, attributes: OpAttribute[], inputs: Tensor[]): T
  runMany(name: string, attributes: OpAttribute[], inputs: Tensor[], outputs: number): Tensor[]
  float32(name: string): OpAttribute
  int32(name: string): OpAttribute
  bool(name: string, value: boolean): OpAttribute
  float(name: string, value: number): OpAttribute
  int(name: string, value: number | number[]): OpAttribute
  string(name: string, value: string): OpAttribute
  shape(name: string, value: number[]): OpAttribute
}

/** The raw operations of the current backend, or null where it is not TensorFlow's native one. */
export function openRawOps(tf: Tf): RawOps | null {
  if (tf.getBackend() !== 'tensorflow') return null
  const backend = tf.backend() as NativeBackend
  const { binding } = backend
  return {
    run: <T extends Tensor>(name: string, attributes: OpAttribute[], inputs: Tensor[]) =>
      backend.executeSingleOutput(name, attributes, inputs) as T,
    runMany: (name, attributes, inputs, outputs) => backend.executeMultipleOutputs(name, attributes, inputs, outputs),
    float32: (name) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }),
    int32: (name) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_INT32 }),
    bool: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
    float: (name, value) => ({ name, type: binding.TF_ATTR_FLOAT, value }),
    int: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
    string: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
    shape: (name, value) => ({ name, type: binding.TF_ATTR_SHAPE, value }),
  }
}
