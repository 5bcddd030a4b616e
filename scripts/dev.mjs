#!/usr/bin/env node
/**
 * The window with hot reload: Vite's server, and the core beside it, which starts again when its sources change.
 *
 *   npm run dev [-- --library DIR] [--desktop]
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { fetchElectron, findElectron } from './lib/electron.mjs'
import { projectRoot } from './lib/paths.mjs'
import { createProgress } from './lib/progress.mjs'
import { ensureSetup, tellProblem } from './setup.mjs'

const corePort = '7333'
const pageUrl = 'http://127.0.0.1:5173'

async function main() {
  let values
  try {
    values = parseArgs({ options: { library: { type: 'string' }, desktop: { type: 'boolean' } } }).values
  } catch (error) {
    process.stderr.write(`${error.message}\nnpm run dev [-- --library DIR] [--desktop]\n`)
    return 2
  }
  const progress = createProgress()
  let node
  try {
    ;({ node } = await ensureSetup({ progress }))
    if (values.desktop) {
      await build({ node, progress })
      const reason = await fetchElectron(progress, { node, retry: true })
      if (reason) {
        process.stderr.write(`Electron can't be started: ${reason}.\n`)
        return 1
      }
    }
  } catch (error) {
    return tellProblem(error)
  }
  const library = values.library === undefined ? [] : ['--library', path.resolve(values.library)]
  const vite = [path.join(projectRoot, 'node_modules/vite/bin/vite.js'), '--port', '5173', '--strictPort']
  const commands = [[node, vite]]
  if (values.desktop) commands.push([findElectron(), [projectRoot, ...library]])
  else
    commands.push([
      node,
      [
        '--watch-path=src/main',
        '--watch-path=src/shared',
        '--watch-preserve-output',
        'src/main/serve.ts',
        ...library,
      ].concat(['--port', corePort]),
    ])
  return together(commands, { ...process.env, ATELIER_DEV_URL: pageUrl, ATELIER_SERVE: `http://127.0.0.1:${corePort}` })
}

/** Runs the programs side by side until one of them ends, then ends the others. */
function together(commands, env) {
  return new Promise((resolve) => {
    const children = commands.map(([file, args]) => spawn(file, args, { cwd: projectRoot, env, stdio: 'inherit' }))
    const end = (status) => {
      for (const child of children) child.kill('SIGTERM')
      resolve(status)
    }
    for (const child of children) {
      child.once('error', (error) => {
        process.stderr.write(`${error.message}\n`)
        end(1)
      })
      child.once('exit', (code) => end(code ?? 0))
    }
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0))
  })
}

process.exitCode = await main()
