#!/usr/bin/env node
/**
 * Packs Atelier for this platform, as electron-builder.yml says, into out/package.
 *
 *   npm run package [-- --dir | any option of electron-builder]
 */
import path from 'node:path'
import { build } from './build.mjs'
import { findElectron } from './lib/electron.mjs'
import { passThrough } from './lib/pass-through.mjs'
import { projectRoot } from './lib/paths.mjs'
import { createProgress } from './lib/progress.mjs'
import { ensureSetup, tellProblem } from './setup.mjs'

async function main() {
  const progress = createProgress()
  let node
  try {
    ;({ node } = await ensureSetup({ progress }))
    await build({ node, progress })
  } catch (error) {
    return tellProblem(error)
  }
  // An Electron that is here already need not be fetched; $ELECTRON_OVERRIDE_DIST_PATH names its folder.
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const local = folder && findElectron() ? [`-c.electronDist=${path.resolve(folder)}`] : []
  const builder = path.join(projectRoot, 'node_modules/electron-builder/cli.js')
  return passThrough(node, [builder, ...local, ...process.argv.slice(2)], { cwd: projectRoot })
}

process.exitCode = await main()
