#!/usr/bin/env node
/** `npx atelier`: finds Node 24 and runs the command line under it, under whatever Node this is. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { findNode, projectRoot } from '../scripts/lib/paths.mjs'
import { passThrough } from '../scripts/lib/pass-through.mjs'

const bundle = path.join(projectRoot, 'dist/main/cli.js')
const source = path.join(projectRoot, 'src/main/cli.ts')

/** In a checkout: what is missing is set up, and the bundle is taken if it is of these sources, for it starts faster. */
async function fromCheckout() {
  const [{ ensureSetup }, { isBuilt }] = await Promise.all([
    import('../scripts/setup.mjs'),
    import('../scripts/build.mjs'),
  ])
  const { node } = await ensureSetup()
  return { node, entry: isBuilt() ? bundle : source }
}

async function main() {
  let found = { node: findNode(), entry: bundle }
  if (existsSync(source)) {
    try {
      found = await fromCheckout()
    } catch (error) {
      const { tellProblem } = await import('../scripts/setup.mjs')
      return tellProblem(error)
    }
  }
  if (!found.node) {
    process.stderr.write(
      'Atelier needs Node 24, and npm did not install it. Run `npm install` again, or install Node 24.\n',
    )
    return 1
  }
  return passThrough(found.node, [found.entry, ...process.argv.slice(2)])
}

process.exitCode = await main()
