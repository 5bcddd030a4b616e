#!/usr/bin/env node
/** `npx atelier`: finds Node 24 and runs the command line under it, under whatever Node this is. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { findNode, projectRoot } from '../scripts/lib/paths.mjs'
import { passThrough } from '../scripts/lib/pass-through.mjs'

const args = process.argv.slice(2)

async function main() {
  let node = findNode()
  const isCheckout = existsSync(path.join(projectRoot, 'src/main/cli.ts'))
  if (isCheckout) {
    const { ensureSetup, tellProblem } = await import('../scripts/setup.mjs')
    try {
      ;({ node } = await ensureSetup())
    } catch (error) {
      return tellProblem(error)
    }
  }
  if (!node) {
    process.stderr.write(
      'Atelier needs Node 24, and npm did not install it. Run `npm install` again, or install Node 24.\n',
    )
    return 1
  }
  return passThrough(node, [entry(isCheckout), ...args])
}

/** The bundle if it is of these sources, else the sources themselves. */
function entry(isCheckout) {
  const bundle = path.join(projectRoot, 'dist/main/cli.js')
  return isCheckout ? path.join(projectRoot, 'src/main/cli.ts') : bundle
}

process.exitCode = await main()
