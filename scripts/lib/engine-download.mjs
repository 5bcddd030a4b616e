import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginFolder, fileHash, finishFolder } from './engine-store.mjs'
import { tensorflowVersion } from './engine-target.mjs'
import { SetupProblem } from './problem.mjs'
import { lastWords, run } from './run.mjs'

const unpacker = fileURLToPath(new URL('./unpack-wheel.py', import.meta.url))

/** The part of the headers that tfjs-node's binding and quiet-log.cc include; all of them are 290 MB. */
const headerRule = [
  'tensorflow/include/((?:tensorflow/c|tensorflow/core/platform|xla/tsl/c|tsl/platform|absl)/.*\\.(?:h|inc))',
  'include/\\1',
]

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * A Python 3 with pip.
 *
 * @returns {Promise<string>} the command
 * @throws SetupProblem
 */
export async function findPython(env = process.env) {
  const tried = [env.PYTHON, 'python3', 'python'].filter(Boolean)
  for (const python of tried) {
    const result = await run(python, ['-m', 'pip', '--version'], { env, timeoutMs: 60_000 })
    if (result.code === 0 && result.stdout.includes('python 3')) return python
  }
  throw new SetupProblem(
    'TensorFlow is fetched with pip, and there is no Python 3 with pip here.',
    'Install python3 and python3-pip, then run `npm run setup`.',
  )
}

/**
 * The bytes of all files in a folder and below. What goes away meanwhile, as pip's folders do, or can't be read counts
 * nothing: this is for progress, which must not end a set-up.
 */
export function folderBytes(folder) {
  let bytes = 0
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name)
      if (entry.isDirectory()) bytes += folderBytes(place)
      else if (entry.isFile()) bytes += statSync(place, { throwIfNoEntry: false })?.size ?? 0
    }
  } catch {
    // Gone, or not to be read.
  }
  return bytes
}

/**
 * Fetches one wheel with pip as the user has it configured, checked by pip against its SHA-256. A wheel that is in
 * `folder` already, whole, is not fetched again; half a one is never there, for pip moves it in when it is complete.
 *
 * @param {{ project: string, version: string, sha256: string, tag: string, bytes?: number }} wheel
 * @returns {Promise<string>} the wheel's file
 * @throws SetupProblem
 */
export async function fetchWheel(python, wheel, folder, update) {
  mkdirSync(folder, { recursive: true })
  const distribution = `${wheel.project.replaceAll('-', '_')}-${wheel.version}-`
  const find = () => readdirSync(folder).find((name) => name.startsWith(distribution) && name.endsWith('.whl'))
  const before = find()
  if (before && (await fileHash(path.join(folder, before))) === wheel.sha256) return path.join(folder, before)
  if (before) rmSync(path.join(folder, before))

  const temporary = mkdtempSync(path.join(folder, 'pip-'))
  const requirements = path.join(temporary, 'requirements.txt')
  writeFileSync(requirements, `${wheel.project}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
  const tags = wheel.tag.includes('manylinux_2_27_x86_64')
    ? ['manylinux_2_27_x86_64', 'manylinux_2_25_x86_64', 'manylinux2014_x86_64', 'manylinux2010_x86_64']
    : [wheel.tag]
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--progress-bar',
    'off',
  ]
  args.push('--disable-pip-version-check', '--no-input', '--python-version', '3.11', '--implementation', 'cp')
  args.push('--abi', 'cp311', '--abi', 'none', ...tags.flatMap((tag) => ['--platform', tag]))
  args.push('--dest', folder, '-r', requirements)
  const watch = setInterval(() => {
    if (wheel.bytes) update(folderBytes(temporary) / wheel.bytes, `${Math.round(wheel.bytes / 1e6)} MB`)
  }, 250)
  try {
    // pip's own temporary files lie where their growth can be seen, and where they are cleaned up.
    const result = await run(python, args, {
      env: { ...process.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    })
    const file = find()
    if (result.code === 0 && file) return path.join(folder, file)
    throw new SetupProblem(
      `pip could not fetch ${wheel.project} ${wheel.version}: ${lastWords(result)}.`,
      'Check the network and pip’s index setting, then run `npm run setup`.',
    )
  } finally {
    clearInterval(watch)
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Unpacks the members that `rules` choose; see unpack-wheel.py. @returns the files' sizes and checksums by path */
export async function unpackWheel(python, wheelFile, folder, rules, update) {
  const files = {}
  const onLine = (line) => {
    const said = JSON.parse(line)
    if (said.file) files[said.file] = { size: said.size, sha256: said.sha256 }
    else update(said.done / said.of, `${Math.round(said.of / 1e6)} MB`)
  }
  const result = await run(python, [unpacker, wheelFile, folder, JSON.stringify(rules)], { onLine })
  if (result.code === 0) return files
  const full = /No space left/i.test(result.stderr)
  throw new SetupProblem(
    `${path.basename(wheelFile)} could not be unpacked: ${lastWords(result)}.`,
    full ? 'Free some space (about 2 GB), then run `npm run setup`.' : 'Run `npm run setup` again.',
  )
}

/**
 * Fetches TensorFlow and puts its libraries (lib/), headers (include/) and, for CUDA, NVIDIA's libraries (nvidia/, where
 * TensorFlow's own run path looks for them) into `folder`, whole or not at all.
 *
 * @param {{ key: string, variant: string, wheel: object }} target from decideEngine
 * @throws SetupProblem
 */
export async function installTensorflow(target, folder, downloads, progress) {
  const python = await findPython()
  const { wheel } = target
  const wanted = { ...wheel, version: tensorflowVersion }
  const partial = beginFolder(folder)
  const fetched = []
  try {
    const libraries = wheel.libraries.map((name) => [`tensorflow/(${escape(name)})`, 'lib/\\1'])
    let file = await progress.step(`Fetching TensorFlow ${tensorflowVersion} (${target.variant})`, (update) =>
      fetchWheel(python, wanted, downloads, update),
    )
    fetched.push(file)
    const files = await progress.step('Unpacking TensorFlow', (update) =>
      unpackWheel(python, file, partial, [...libraries, headerRule], update),
    )
    const missing = wheel.libraries.filter((name) => !files[`lib/${name}`])
    if (missing.length > 0 || !files['include/tensorflow/c/c_api.h'])
      throw new SetupProblem(`The wheel of TensorFlow lacks ${missing[0] ?? 'its headers'}.`, 'Report this problem.')
    const extras = wheel.cudaWheels ?? []
    for (const [i, [project, version, sha256]] of extras.entries()) {
      await progress.step(`CUDA ${i + 1} of ${extras.length}: ${project} ${version}`, async (update) => {
        file = await fetchWheel(python, { project, version, sha256, tag: wheel.tag }, downloads, update)
        fetched.push(file)
        const rules = [['(nvidia/[^/]+/(?:lib|bin|nvvm)/.*)', '\\1']]
        Object.assign(files, await unpackWheel(python, file, partial, rules, update))
      })
    }
    finishFolder(partial, folder, files, { tensorflow: tensorflowVersion, variant: target.variant })
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
  // Kept until here, so that an interrupted set-up need not fetch it again.
  for (const done of fetched) rmSync(done, { force: true })
  if (existsSync(downloads) && readdirSync(downloads).length === 0) rmSync(downloads, { recursive: true })
}
