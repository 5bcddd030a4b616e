import type * as Tfjs from '@tensorflow/tfjs'

export function registerWasmKernels(_tf: typeof Tfjs): void {}
