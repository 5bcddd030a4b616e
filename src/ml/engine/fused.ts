import type * as Tfjs from '@tensorflow/tfjs'
import { nativeFusedOps } from './fused-native.ts'
import type { FusedOps } from './fused-ops.ts'
import { portableFusedOps } from './fused-portable.ts'
import { openRawOps } from './raw-ops.ts'

/** The fused operations of the current backend: TensorFlow's own on the native engine, tfjs's elsewhere. */
export function openFusedOps(tf: typeof Tfjs): FusedOps {
  const raw = openRawOps(tf)
  return raw ? nativeFusedOps(tf, raw) : portableFusedOps(tf)
}
