#!/usr/bin/env node
/**
 * Sets up what is missing, builds what has changed, and opens Atelier: in Electron where its binary and a screen are,
 * else in the browser, served on loopback.
 *
 *   npm start [-- --library DIR] [--port N] [--browser] [--no-open] [--cuda | --cpu]
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { fetchElectron, findElectron, hasDisplay } from './lib/electron.mjs'
import { passThrough } from './lib/pass-through.mjs'
import { projectRoot } from './lib/paths.mjs'
import { createProgress } from './lib/progress.mjs'
import { ensureSetup, tellProblem, variantOf } from './setup.mjs'

const usage = `npm start [-- OPTIONS]
  --library DIR   the library's folder
  --port N        the port of the browser's window (0: any free one)
  --browser       use the browser even where Electron is
  --no-open       print the address, open nothing
  --cuda, --cpu   which TensorFlow to set up
`

function options() {
  const boolean = { type: 'boolean' }
  const string = { type: 'string' }
  const names = { library: string, port: string, browser: boolean, cuda: boolean, cpu: boolean, help: boolean }
  return parseArgs({ options: { ...names, 'no-open': boolean } }).values
}

async function main() {
  let values
  try {
    values = options()
  } catch (error) {
    process.stderr.write(`${error.message}\n${usage}`)
    return 2
  }
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const progress = createProgress()
  let node
  let whyNoElectron = null
  try {
    ;({ node } = await ensureSetup({ variant: variantOf(values), progress }))
    await build({ node, progress })
    if (values.browser || values.port !== undefined) whyNoElectron = 'the browser was asked for'
    else if (!hasDisplay()) whyNoElectron = 'there is no screen here'
    else whyNoElectron = await fetchElectron(progress, { node })
  } catch (error) {
    return tellProblem(error)
  }
  const library = values.library === undefined ? null : path.resolve(values.library)
  // Chromium reads switches as --name=value only.
  if (whyNoElectron === null)
    return passThrough(findElectron(), [projectRoot, ...(library ? [`--library=${library}`] : [])])

  progress.note(`Atelier opens in the browser: ${whyNoElectron}.`)
  const args = [path.join(projectRoot, 'dist/main/serve.js')]
  if (library) args.push('--library', library)
  if (values.port !== undefined) args.push('--port', values.port)
  if (!values['no-open'] && !process.env.CI && hasDisplay()) args.push('--open')
  return passThrough(node, args)
}

process.exitCode = await main()
