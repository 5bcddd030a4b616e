import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginFolder, fileHash, finishFolder, quickFault } from './engine-store.mjs'
import { SetupProblem } from './problem.mjs'
import { lastWords, run } from './run.mjs'

const signalSource = fileURLToPath(new URL('./signal-thread.cc', import.meta.url))
const kernelSource = fileURLToPath(new URL('../../src/ml/engine/native/kernels.cc', import.meta.url))
const quietSource = fileURLToPath(new URL('./quiet-log.cc', import.meta.url))
const tfjsNode = (root) => path.join(root, 'node_modules/@tensorflow/tfjs-node-gpu')
const bindingName = 'tfjs_binding.node'
const firstName = 'libatelier_first.so'

/** @throws SetupProblem if there is none */
async function findCompiler(env = process.env) {
  for (const compiler of [env.CXX, 'c++', 'g++', 'clang++'].filter(Boolean)) {
    const result = await run(compiler, ['--version'], { timeoutMs: 30_000 })
    if (result.code === 0) return compiler
  }
  throw new SetupProblem(
    "There is no C++ compiler to compile TensorFlow's binding with.",
    process.platform === 'darwin'
      ? 'Run `xcode-select --install`, then `npm run setup`.'
      : 'Install g++ (Debian and Ubuntu: the package g++), then run `npm run setup`.',
  )
}

function sources(root) {
  const folder = path.join(tfjsNode(root), 'binding')
  const files = readdirSync(folder).map((name) => path.join(folder, name))
  return {
    units: files.filter((file) => file.endsWith('.cc')),
    all: [...files, kernelSource, quietSource, signalSource].sort(),
  }
}

/** The folder of the binding that these sources and headers make: another one for another version of tfjs-node. */
export function bindingFolder(root, engineFolder) {
  const hash = createHash('sha256')
  for (const file of sources(root).all) hash.update(readFileSync(file))
  hash.update(readFileSync(path.join(root, 'node_modules/node-api-headers/package.json')))
  return path.join(engineFolder, 'binding', hash.digest('hex').slice(0, 16))
}

/**
 * Compiles tfjs-node's binding against the engine's libraries, into a folder of the cache that is whole or not there.
 * The libraries are found relative to the binding, where it lies (../../lib) and where it is packed (../../deps/lib).
 *
 * @returns {Promise<string>} the folder
 * @throws SetupProblem
 */
export async function compileBinding(root, engineFolder, wheel, progress) {
  const folder = bindingFolder(root, engineFolder)
  if (quickFault(folder) === null) return folder
  const compiler = await findCompiler()
  mkdirSync(path.dirname(folder), { recursive: true })
  const partial = beginFolder(folder)
  const include = [path.join(engineFolder, 'include'), path.join(root, 'node_modules/node-api-headers/include')]
  const common = ['-std=c++17', '-O2', '-fPIC', '-shared', ...include.flatMap((of) => ['-I', of])]
  const out = path.join(partial, bindingName)
  const libraries = wheel.libraries.map((name) => path.join(engineFolder, 'lib', name))
  const apple = process.platform === 'darwin'
  const origin = apple ? '@loader_path' : '$ORIGIN'
  const paths = ['../../deps/lib', '../../lib', ...(apple ? [] : ['.'])].map((of) => `-Wl,-rpath,${origin}/${of}`)
  const link = apple ? ['-undefined', 'dynamic_lookup'] : ['-Wl,--no-as-needed']
  try {
    await progress.step('Compiling the binding', async () => {
      const first = apple ? null : await compileFirst(compiler, common, partial)
      const units = ['-DNAPI_VERSION=8', ...sources(root).units]
      const rest = [...link, ...(first ? [first] : []), ...libraries, ...paths, '-o', out]
      const compile = (more) => run(compiler, [...common, ...more, ...units, ...rest], { timeoutMs: 600_000 })
      // Without operations of our own, as where the compiler lacks what they ask for, training is a little slower.
      const fast = ['-O3', '-fno-math-errno', '-fno-trapping-math', kernelSource]
      if ((await compile(fast)).code === 0) return
      const result = await compile([])
      if (result.code === 0) return
      throw new SetupProblem(
        `TensorFlow's binding could not be compiled: ${lastWords(result)}.`,
        'Install a C++17 compiler with its standard library, then run `npm run setup`.',
      )
    })
    const files = {}
    for (const name of readdirSync(partial)) {
      const file = path.join(partial, name)
      files[name] = { size: statSync(file).size, sha256: await fileHash(file) }
    }
    finishFolder(partial, folder, files)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  return folder
}

/**
 * The library of what has to happen before TensorFlow starts: signals get a thread of their own (signal-thread.cc) and
 * the log its level (quiet-log.cc). It is marked to be initialised before all others; the function that it calls is found
 * when both are loaded. Where Abseil's headers don't compile, the engine says more.
 *
 * @throws SetupProblem if not even the signals' part compiles: training without it could be corrupted by a signal
 */
async function compileFirst(compiler, common, folder) {
  const file = path.join(folder, firstName)
  const flags = ['-pthread', '-Wl,-z,initfirst', '-Wl,-z,nodelete', `-Wl,-soname,${firstName}`, '-o', file]
  const compile = (units) => run(compiler, [...common, ...units, ...flags], { timeoutMs: 120_000 })
  if ((await compile([signalSource, quietSource])).code === 0) return file
  const result = await compile([signalSource])
  if (result.code === 0) return file
  throw new SetupProblem(
    `The library that keeps signals away from TensorFlow could not be compiled: ${lastWords(result)}.`,
    'Install a C++17 compiler with its standard library, then run `npm run setup`.',
  )
}

function linkTo(target, file) {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found?.isSymbolicLink() && readlinkSync(file) === target) return
  if (found) rmSync(file, { recursive: true })
  mkdirSync(path.dirname(file), { recursive: true })
  symlinkSync(target, file)
}

/** Where tfjs-node looks for its binding and the libraries, and what each is a link to. */
export function engineLinks(root, engineFolder, binding, wheel) {
  const packageFolder = tfjsNode(root)
  const links = [[path.join(packageFolder, 'lib/napi-v8', bindingName), path.join(binding, bindingName)]]
  for (const name of wheel.libraries)
    links.push([path.join(packageFolder, 'deps/lib', name), path.join(engineFolder, 'lib', name)])
  if (statSync(path.join(binding, firstName), { throwIfNoEntry: false }))
    links.push([path.join(packageFolder, 'deps/lib', firstName), path.join(binding, firstName)])
  return links
}

/** Links the binding and the libraries into tfjs-node's package: they are 0.8 GB, and one copy serves all checkouts. */
export function linkEngine(root, engineFolder, binding, wheel) {
  for (const [file, target] of engineLinks(root, engineFolder, binding, wheel)) linkTo(target, file)
}

/** Whether the binding that is linked is the one that today's sources make, so that an update compiles a new one. */
export function bindingIsCurrent(root, engineFolder) {
  const file = path.join(tfjsNode(root), 'lib/napi-v8', bindingName)
  const found = statSync(file, { throwIfNoEntry: false }) && lstatSync(file)
  return (
    Boolean(found?.isSymbolicLink()) && readlinkSync(file) === path.join(bindingFolder(root, engineFolder), bindingName)
  )
}

/** Takes the links away, so that no half of an engine is found. */
export function unlinkEngine(root) {
  for (const folder of ['lib/napi-v8', 'deps'])
    rmSync(path.join(tfjsNode(root), folder), { recursive: true, force: true })
}
