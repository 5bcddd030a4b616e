import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import type * as Tfjs from '@tensorflow/tfjs'
import type { EngineInfo } from '../../shared/engine.ts'
import { mendGradients } from './gradients.ts'
import { restoreUtilPredicates } from './node-compat.ts'
import { openWasm } from './wasm-open.ts'

export type Tf = typeof Tfjs
export type EnginePreference = 'auto' | 'native' | 'wasm'
export interface OpenOptions {
  /** 'auto' (default): native where it runs, else wasm. 'native' and 'wasm' are taken at their word, or throw. */
  prefer?: EnginePreference
  /** Threads that one native operation may use; default: $ATELIER_THREADS, else all cores. Fixed by the first opening in a process. */
  threads?: number
}
export interface Engine {
  tf: Tf
  info: EngineInfo
}

/** What the set-up recorded about this installation's native engine (scripts/lib/engine.mjs writes it). */
interface SetupRecord {
  native: boolean
  variant: 'cpu' | 'cuda'
  reason: string | null
  howTo: string | null
}

interface NativeBackend extends Tfjs.KernelBackend {
  binding: { TF_Version: string }
  isUsingGpuDevice: boolean
}

const require = createRequire(import.meta.url)
const getNative = 'Run `npm run setup` to get the native engine.'
let nativeThreads: number | null = null

/**
 * Opens TensorFlow and makes it the process's current backend, with second-order gradients mended (gradients.ts).
 *
 * The environment's ATELIER_ENGINE=wasm or =native overrides `prefer: 'auto'`. May be called again, also for the other
 * engine: tensors stay usable and move when an operation of the other backend reads them.
 *
 * @throws Error if `prefer: 'native'` and the native engine is not installed or does not load; if wasm does not start;
 *   if `threads` is not a positive whole number, or differs from what an earlier call fixed.
 */
export async function openEngine(options: OpenOptions = {}): Promise<Engine> {
  const threads = checkThreads(options.threads)
  const prefer = preference(options.prefer ?? 'auto')
  if (prefer === 'wasm') {
    const forced = (options.prefer ?? 'auto') === 'auto'
    const reason = forced ? 'ATELIER_ENGINE=wasm is set.' : null
    return openWasm(reason, forced ? 'Unset ATELIER_ENGINE to use the native engine.' : null)
  }
  const record = readSetupRecord()
  if (record && !record.native && prefer === 'auto')
    return openWasm(record.reason ?? 'The set-up found no native engine.', record.howTo ?? getNative)
  try {
    return openNative(threads, record)
  } catch (error) {
    const reason = `TensorFlow's native engine does not load: ${firstLine(error)}`
    if (prefer === 'native') throw new Error(`${reason} ${record?.howTo ?? getNative}`, { cause: error })
    return openWasm(reason, record?.howTo ?? getNative)
  }
}

function openNative(threads: number, record: SetupRecord | null): Engine {
  if (nativeThreads !== null && nativeThreads !== threads)
    throw new Error(`The engine was opened with ${nativeThreads} threads; a process cannot change that to ${threads}.`)
  const binding = path.join(nodeModules(), '@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node')
  if (!existsSync(binding)) throw new Error('its binding is not installed.')
  // 0 shows TensorFlow's notes on every start, 1 its warnings and errors.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1'
  process.env['TF_NUM_INTRAOP_THREADS'] = String(threads)
  restoreUtilPredicates()
  const tf = require('@tensorflow/tfjs-node-gpu') as Tf
  nativeThreads = threads
  tf.setBackend('tensorflow')
  mendGradients(tf)
  const backend = tf.backend() as NativeBackend
  const version = backend.binding.TF_Version
  const cuda = backend.isUsingGpuDevice
  const cardMissing = record?.variant === 'cuda' && !cuda
  const info: EngineInfo = {
    backend: 'native',
    name: `TensorFlow ${version} (${cuda ? 'CUDA' : 'CPU'})`,
    version,
    device: cuda ? 'cuda' : 'cpu',
    deviceName: cuda ? gpuName() : cpuName(),
    threads,
    reason: cardMissing ? "TensorFlow's CUDA build is installed but finds no NVIDIA card that it can use." : null,
    howTo: cardMissing ? 'Look at the driver with `nvidia-smi`, or run `npm run setup -- --cpu`.' : null,
  }
  return { tf, info }
}

function preference(prefer: EnginePreference): EnginePreference {
  const forced = process.env['ATELIER_ENGINE']
  if (!forced || prefer !== 'auto') return prefer
  if (forced === 'auto' || forced === 'native' || forced === 'wasm') return forced
  throw new Error(`ATELIER_ENGINE is '${forced}'; it may be 'auto', 'native' or 'wasm'.`)
}

function checkThreads(asked: number | undefined): number {
  const fromEnvironment = process.env['ATELIER_THREADS']
  const threads = asked ?? (fromEnvironment ? Number(fromEnvironment) : os.availableParallelism())
  if (Number.isInteger(threads) && threads >= 1) return threads
  if (asked === undefined)
    throw new Error(`ATELIER_THREADS is '${fromEnvironment}'; it must be a whole number of at least 1.`)
  throw new Error(`threads is ${threads}; it must be a whole number of at least 1.`)
}

/** The node_modules folder that holds tfjs. */
function nodeModules(): string {
  return path.resolve(path.dirname(require.resolve('@tensorflow/tfjs/package.json')), '../..')
}

function readSetupRecord(): SetupRecord | null {
  try {
    return JSON.parse(readFileSync(path.join(nodeModules(), '.atelier/engine.json'), 'utf8')) as SetupRecord
  } catch {
    return null
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim()
}

function cpuName(): string {
  return os.cpus()[0]?.model.trim() || os.arch()
}

function gpuName(): string {
  try {
    const query = ['--query-gpu=name', '--format=csv,noheader']
    return execFileSync('nvidia-smi', query, { encoding: 'utf8', timeout: 5000 }).trim().split('\n')[0]!
  } catch {
    return 'CUDA device'
  }
}
