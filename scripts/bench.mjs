#!/usr/bin/env node
/**
 * Runs one of the benchmarks of bench/ under Node 24.
 *
 *   npm run bench -- NAME [OPTIONS]      bench/NAME.ts or bench/NAME/index.ts
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { passThrough } from './lib/pass-through.mjs'
import { projectRoot } from './lib/paths.mjs'
import { ensureSetup, tellProblem } from './setup.mjs'

const folder = path.join(projectRoot, 'bench')
const entryOf = (name) =>
  [path.join(folder, `${name}.ts`), path.join(folder, name, 'index.ts')].find((file) => existsSync(file))

async function main() {
  const [name, ...args] = process.argv.slice(2)
  const entry = name && /^[a-z0-9-]+$/.test(name) ? entryOf(name) : undefined
  if (!entry) {
    const names = readdirSync(folder)
      .map((file) => file.replace(/\.ts$/, ''))
      .filter((file) => /^[a-z0-9-]+$/.test(file) && entryOf(file))
    process.stderr.write(
      `${name ? `There is no benchmark ${name}. ` : ''}npm run bench -- NAME, one of: ${names.join(', ')}\n`,
    )
    return 2
  }
  try {
    const { node } = await ensureSetup()
    return await passThrough(node, [entry, ...args])
  } catch (error) {
    return tellProblem(error)
  }
}

process.exitCode = await main()
