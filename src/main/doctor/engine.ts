import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { askWorker } from '../engine-info.ts'
import { nearest } from '../paths.ts'
import { workerCommand } from '../scheduler/index.ts'
import { ok, problem, warning } from './finding.ts'
import type { Finding } from './finding.ts'

const BINDING = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'
/** An operation of src/ml/engine/native/kernels.cc, by the name under which it is registered. */
const OWN_OPERATION = 'AtelierBiasSoftplus'

/** Starts a worker as a run would, has it open the engine, and waits until it has ended. */
export async function checkEngine(): Promise<Finding[]> {
  const startedAt = performance.now()
  let engine
  try {
    engine = await askWorker()
  } catch (error) {
    return [
      problem(
        'worker',
        `The training program does not start, or does not open an engine: ${(error as Error).message}`,
        'Run `npm run setup`. Where the native engine is to blame, ATELIER_ENGINE=wasm trains on the portable one.',
      ),
    ]
  }
  const { file, args } = workerCommand()
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const findings = [
    ok('worker', `A worker started, opened the engine and ended, in ${seconds} s (${file} ${args.join(' ')}).`),
  ]
  const what = `${engine.name} on ${engine.deviceName || engine.device}, ${engine.threads} threads.`
  if (engine.reason)
    findings.push(warning('engine', `${what} ${engine.reason}`, engine.howTo ?? 'Run `npm run setup`.'))
  else findings.push(ok('engine', what))
  if (engine.backend === 'native') findings.push(ownOperations(args[0]!))
  const card = engine.device === 'cpu' ? nvidiaCard() : null
  if (card && !engine.reason)
    findings.push(
      warning(
        'engine',
        `There is an NVIDIA card (${card}), but the engine is the one for processors alone.`,
        'Run `npm run setup -- --cuda` to get the engine for the card.',
      ),
    )
  else if (engine.device === 'cpu' && !engine.reason) findings.push(ok('engine', 'No CUDA: there is no NVIDIA card.'))
  return findings
}

/** The binding is compiled with them where the compiler can; without, training is a little slower. */
function ownOperations(entry: string): Finding {
  const binding = nearest(path.dirname(entry), BINDING)
  if (binding && readFileSync(binding).includes(OWN_OPERATION))
    return ok('engine', "Atelier's own operations are compiled in.")
  return warning(
    'engine',
    "Atelier's own operations are not compiled in; training is a little slower.",
    'Install a C++17 compiler, then run `npm run setup`.',
  )
}

function nvidiaCard(): string | null {
  return ['/proc/driver/nvidia/version', '/dev/nvidia0'].find((file) => existsSync(file)) ?? null
}
