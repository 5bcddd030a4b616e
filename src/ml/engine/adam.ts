import type * as Tfjs from '@tensorflow/tfjs'
import { nativeParameters } from './adam-native.ts'
import { portableParameters } from './adam-portable.ts'
import type { Parameters, StoredArray } from './parameters.ts'
import { openRawOps } from './raw-ops.ts'

/**
 * Puts weights under Adam: in TensorFlow's resource variables on the native engine, in JavaScript arrays elsewhere.
 * Both compute the same, in float32; they agree up to its rounding.
 */
export function createParameters<Name extends string>(
  tf: typeof Tfjs,
  initial: Record<Name, StoredArray>,
): Parameters<Name> {
  const raw = openRawOps(tf)
  return raw ? nativeParameters(tf, raw, initial) : portableParameters(tf, initial)
}
