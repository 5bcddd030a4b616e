import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectRoot } from './paths.mjs'
import { bundleFiles, isUseful, packageClosure, place, placeFolder } from './stage-files.mjs'

/** What the main process loads from node_modules; the rest is in its bundle. */
export const mainPackages = { required: ['better-sqlite3'] }

/** better-sqlite3 brings the source of SQLite, and a binding for every platform. */
const prebuilt = new RegExp(`^prebuilds/${process.platform}(?:musl)?-${process.arch}\\.node$`)
const keep = {
  'better-sqlite3': (file) =>
    file.startsWith('prebuilds/') ? prebuilt.test(file) : isUseful(file) && !/^(?:deps|src)\//.test(file),
}

/**
 * Assembles what goes into app.asar: the main process with its chunks, the preload script, the window, the migrations,
 * and better-sqlite3 with its binding for this platform.
 *
 * @param {{ root?: string, out: string }} options `out` is emptied first
 * @throws Error that says what is missing and how to get it
 */
export function stageApp({ root = projectRoot, out }) {
  const dist = path.join(root, 'dist')
  const main = path.join(dist, 'main/desktop/main.js')
  const preload = path.join(dist, 'main/desktop/preload.cjs')
  const page = path.join(dist, 'renderer/index.html')
  for (const file of [main, preload, page])
    if (!existsSync(file)) throw new Error(`${path.relative(root, file)} is missing; run \`npm run build\` first.`)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })

  const { files, packages } = bundleFiles(main)
  const unknown = packages.filter((name) => name !== 'electron' && !mainPackages.required.includes(name))
  if (unknown.length > 0)
    throw new Error(
      `The main process imports ${unknown.join(', ')}; add it to mainPackages in scripts/lib/stage-app.mjs.`,
    )
  for (const file of [...files, preload]) place(file, path.join(out, path.relative(root, file)))
  placeFolder(path.join(dist, 'renderer'), path.join(out, 'dist/renderer'), (file) => !file.endsWith('.map'))
  placeFolder(path.join(root, 'migrations'), path.join(out, 'migrations'))
  for (const folder of packageClosure(root, mainPackages)) {
    const name = path.relative(path.join(root, 'node_modules'), folder).replaceAll(path.sep, '/')
    // Its only dependency is headers to compile it with.
    if (name === 'node-addon-api') continue
    placeFolder(folder, path.join(out, 'node_modules', name), keep[name] ?? isUseful)
  }
  const {
    name,
    version,
    description,
    license,
    type,
    main: entry,
  } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const manifest = { name, productName: 'Atelier', version, description, license, type, main: entry }
  writeFileSync(path.join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
