#!/usr/bin/env node
/**
 * Gets this checkout ready: packages, Node 24, TensorFlow's engine. Runs on Node 20 or newer with nothing installed.
 *
 *   npm run setup [-- --cuda | --cpu] [--verify]
 */
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ensureEngine } from './lib/engine.mjs'
import { ensurePackages } from './lib/packages.mjs'
import { createProgress } from './lib/progress.mjs'
import { projectRoot } from './lib/paths.mjs'
import { SetupProblem } from './lib/problem.mjs'

/**
 * Does what is missing of the set-up; nothing missing takes well under 100 ms.
 *
 * @param {{ variant?: 'cpu' | 'cuda', retry?: boolean, verify?: boolean, progress?: object, root?: string }} options
 *   retry: try again what failed before; verify: check the checksums of the engine's files
 * @returns {Promise<{ node: string, engine: import('./lib/engine.mjs').EngineRecord }>}
 * @throws SetupProblem if Atelier can't run here at all; a missing native engine is no such case
 */
export async function ensureSetup({ progress = createProgress(), root = projectRoot, ...options } = {}) {
  const node = await ensurePackages(progress, root)
  const engine = await ensureEngine(progress, { ...options, root, node })
  return { node, engine }
}

/** Tells a failure of the set-up in two lines. @returns the exit status */
export function tellProblem(error) {
  if (!(error instanceof SetupProblem)) throw error
  process.stderr.write(`\n${error.message}\n${error.howTo ? `${error.howTo}\n` : ''}`)
  return 1
}

/** 'cuda', 'cpu' or undefined, from the command line's flags. */
export const variantOf = ({ cuda, cpu }) => (cuda ? 'cuda' : cpu ? 'cpu' : undefined)

async function main() {
  let values
  try {
    const boolean = { type: 'boolean' }
    values = parseArgs({ options: { cuda: boolean, cpu: boolean, verify: boolean, help: boolean } }).values
  } catch (error) {
    process.stderr.write(`${error.message}\nUsage: npm run setup [-- --cuda | --cpu] [--verify]\n`)
    return 2
  }
  if (values.help) {
    process.stdout.write(
      'npm run setup [-- --cuda | --cpu] [--verify]\n' +
        '  --cuda    TensorFlow for NVIDIA cards (Linux x64; fetches 3 GB, takes 6 GB)\n' +
        '  --cpu     TensorFlow for the processor (the default)\n' +
        "  --verify  check every file's checksum\n",
    )
    return 0
  }
  try {
    const { engine } = await ensureSetup({ variant: variantOf(values), retry: true, verify: values.verify })
    const name = engine.native ? `${engine.info.name} on ${engine.info.deviceName}` : 'TensorFlow.js on WebAssembly'
    process.stdout.write(`Ready. Engine: ${name}.\n`)
    return 0
  } catch (error) {
    return tellProblem(error)
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) process.exitCode = await main()
