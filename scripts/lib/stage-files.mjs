import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { readJson } from './paths.mjs'

/** Files of a package that nothing loads: sources, maps, declarations, tests, and builds for browsers. */
const useless = [
  /\.(?:map|ts|mts|cts|tsx|cc|h|c|gyp|gypi|md|markdown|bat|sh|tsbuildinfo)$/i,
  /(?:^|\/)(?:test|tests|__tests__|docs|example|examples|\.github)\//,
  /_test\.js$/,
  /(?:^|\/)dist\/tf[-\w]*(?:\.es2017|\.fesm|\.min)[.\w]*$/,
]
const licence = /(?:^|\/)(?:licen[cs]e|notice|copying)[^/]*$/i

/** Whether a file of a package, by its path in it, goes into the staged copy. */
export const isUseful = (file) => licence.test(file) || !useless.some((pattern) => pattern.test(file))

/** Copies a file, what a link points to in place of the link. Large ones are hard links where that is possible. */
export function place(source, target) {
  const real = realpathSync(source)
  mkdirSync(path.dirname(target), { recursive: true })
  if (statSync(real).size > 1 << 20) {
    try {
      linkSync(real, target)
      return
    } catch {
      // Another disk, or one without hard links.
    }
  }
  copyFileSync(real, target, constants.COPYFILE_FICLONE)
  // Packages come with whatever the publisher's umask was; everyone may read a program.
  chmodSync(target, statSync(real).mode | 0o644)
}

/**
 * Copies the files below a folder for which `keep` is true, without nested node_modules.
 *
 * @param {(file: string) => boolean} keep gets the path below `source`, with '/'
 */
export function placeFolder(source, target, keep = () => true) {
  for (const entry of readdirSync(source, { withFileTypes: true, recursive: true })) {
    const file = path.join(entry.parentPath, entry.name)
    const relative = path.relative(source, file).replaceAll(path.sep, '/')
    if (relative.split('/').includes('node_modules')) continue
    if (statSync(file).isFile() && keep(relative)) place(file, path.join(target, relative))
  }
}

/** The folder of a package as Node finds it from `from`, or null. */
function findPackage(name, from) {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'node_modules', name)
    if (existsSync(path.join(candidate, 'package.json'))) return candidate
    if (folder === path.dirname(folder)) return null
  }
}

/**
 * The folders of packages and of all that they depend on, as installed. Optional ones that are not installed are left
 * out.
 *
 * @param {string} root the checkout
 * @param {{ required: string[], optional?: string[] }} names
 * @returns {string[]}
 * @throws Error when a required one is missing
 */
export function packageClosure(root, { required, optional = [] }) {
  const found = new Set()
  const visit = (name, from, isOptional) => {
    const folder = findPackage(name, from)
    if (folder === null) {
      if (isOptional) return
      throw new Error(`The package ${name} is not installed; run \`npm run setup\`, then try again.`)
    }
    if (found.has(folder)) return
    found.add(folder)
    const { dependencies = {}, optionalDependencies = {} } = readJson(path.join(folder, 'package.json'))
    for (const dependency of Object.keys(dependencies)) visit(dependency, folder, dependency in optionalDependencies)
    for (const dependency of Object.keys(optionalDependencies)) visit(dependency, folder, true)
  }
  for (const name of required) visit(name, root, false)
  for (const name of optional) visit(name, root, true)
  return [...found].sort()
}

const imports =
  /(?:^|[;\s}])(?:import|export)\s*(?:[\w*\s{},$]+\s*from\s*)?["']([^"']+)["']|import\(\s*["']([^"']+)["']\s*\)/gm

/**
 * A bundle's file and all files that it imports, and the packages that they import.
 *
 * @param {string} entry
 * @returns {{ files: string[], packages: string[] }} files in full; packages by name
 */
export function bundleFiles(entry) {
  const files = new Set()
  const packages = new Set()
  const visit = (file) => {
    if (files.has(file)) return
    files.add(file)
    for (const [, fixed, dynamic] of readFileSync(file, 'utf8').matchAll(imports)) {
      const name = fixed ?? dynamic
      if (name.startsWith('.')) visit(path.resolve(path.dirname(file), name))
      else if (!isBuiltin(name)) packages.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    }
  }
  visit(path.resolve(entry))
  return { files: [...files].sort(), packages: [...packages].sort() }
}
