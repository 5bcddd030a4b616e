import path from 'node:path'
import { stageApp } from './lib/stage-app.mjs'
import { stageIcon } from './lib/stage-icon.mjs'
import { projectRoot } from './lib/paths.mjs'
import { stageWorker } from './stage-worker.mjs'

/**
 * electron-builder's beforeBuild hook: lays out/stage, which electron-builder.yml packs.
 *
 * @param {{ platform: { nodeName: string }, arch: string }} context
 * @returns false: node_modules are staged, and nothing is to be rebuilt, for all bindings speak Node-API
 */
export default async function beforeBuild({ platform, arch }) {
  if (platform.nodeName !== process.platform || arch !== process.arch)
    throw new Error(
      `A package for ${platform.nodeName}-${arch} can't be made on ${process.platform}-${process.arch}: the engine, Node and ` +
        'the bindings are those of this machine. Make it on such a machine.',
    )
  const stage = path.join(projectRoot, 'out/stage')
  stageApp({ out: path.join(stage, 'app') })
  await stageIcon({ out: path.join(stage, 'icon.png') })
  const { native } = stageWorker({ out: path.join(stage, 'resources') })
  if (!native) process.stderr.write('This package carries no native engine: Atelier will train on WebAssembly.\n')
  return false
}
