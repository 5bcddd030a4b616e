#!/usr/bin/env node
/**
 * Sets up what is missing, runs the tests (all, or those whose path contains one of the given words) and ends with one
 * plain line, `N passed, N failed`, and a status that says the same.
 *
 *   npm test [-- WORD …]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from './build.mjs'
import { findChromium } from './lib/chromium.mjs'
import { passThrough } from './lib/pass-through.mjs'
import { projectRoot, readJson } from './lib/paths.mjs'
import { createProgress } from './lib/progress.mjs'
import { summarise } from './lib/test-summary.mjs'
import { ensureSetup, tellProblem } from './setup.mjs'

async function main() {
  const progress = createProgress()
  const env = { ...process.env }
  let node
  try {
    ;({ node } = await ensureSetup({ progress }))
    await build({ node, progress })
    env.ATELIER_CHROMIUM = (await findChromium({ progress })).executablePath
  } catch (error) {
    tellProblem(error)
    process.stdout.write('0 passed, 1 failed\n')
    return 1
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-test-'))
  try {
    const report = path.join(folder, 'report.json')
    const vitest = path.join(projectRoot, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const status = await passThrough(node, [vitest, 'run', ...reporters, ...process.argv.slice(2)], {
      cwd: projectRoot,
      env,
    })
    const { line, ok } = summarise(readJson(report), status)
    process.stdout.write(`${line}\n`)
    return ok ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
