import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import type * as Tfjs from '@tensorflow/tfjs'
import type { EngineInfo } from '../../shared/engine.ts'
import { mendGradients } from './gradients.ts'
import { registerWasmKernels } from './wasm-kernels.ts'

const require = createRequire(import.meta.url)

/**
 * Opens tfjs's WebAssembly backend (SIMD where the processor has it) with the kernels that it lacks for training
 * (wasm-kernels.ts). It runs on one thread: tfjs's threaded build gets no more than that in Node 24.
 *
 * @param reason why this engine and not the native one; null if it was asked for
 * @param howTo how to get the native one; null if there is nothing to do
 * @throws Error if WebAssembly does not start
 */
export async function openWasm(
  reason: string | null,
  howTo: string | null,
): Promise<{ tf: typeof Tfjs; info: EngineInfo }> {
  const tf = require('@tensorflow/tfjs') as typeof Tfjs
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm')
  const folder = path.dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))
  if (tf.getBackend() !== 'wasm') {
    wasm.setWasmPaths(path.join(folder, 'wasm-out') + path.sep)
    if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly engine does not start in this Node.')
  }
  registerWasmKernels(tf)
  mendGradients(tf)
  const version = wasm.version_wasm
  const info: EngineInfo = {
    backend: 'wasm',
    name: `TensorFlow.js ${version} (WebAssembly)`,
    version,
    device: 'cpu',
    deviceName: os.cpus()[0]?.model.trim() || os.arch(),
    threads: 1,
    reason,
    howTo,
  }
  return { tf, info }
}
