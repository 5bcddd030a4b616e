#!/usr/bin/env node
/**
 * Sets up what is missing and runs the torture tests in full: kills, damage and hostile input, hundreds and thousands of
 * times. Takes an hour or two, so leave the machine to it, or run it file by file: bench/results/torture.json keeps what
 * each file showed when it last ran.
 *
 *   npm run torture [-- OPTIONS] [WORD …]     those whose path contains one of the words; all
 *     --share S      this share of the rounds, above 0 and at most 1 (default 1)
 *     --seed N       the chance of an earlier run (default: a new one)
 *     --output FILE  where to keep the result (default: bench/results/torture.json for all rounds, else nowhere)
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { passThrough } from './lib/pass-through.mjs'
import { projectRoot, readJson } from './lib/paths.mjs'
import { createProgress } from './lib/progress.mjs'
import { summarise } from './lib/test-summary.mjs'
import { tortureTests, withTests } from './lib/torture-report.mjs'
import { ensureSetup, tellProblem } from './setup.mjs'

/** @throws TypeError for an option that is none or has no good value. */
function options() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { share: { type: 'string' }, seed: { type: 'string' }, output: { type: 'string' } },
  })
  const number = (name, fallback, good, expected) => {
    const value = values[name] === undefined ? fallback : Number(values[name])
    if (!good(value)) throw new TypeError(`--${name} must be ${expected}, not ${values[name]}.`)
    return value
  }
  const share = number('share', 1, (s) => s > 0 && s <= 1, 'a number above 0 and at most 1')
  const isSeed = (s) => Number.isInteger(s) && s >= 0 && s < 2 ** 32
  const seed = number('seed', Math.floor(Math.random() * 2 ** 32), isSeed, 'a whole number from 0 to 4294967295')
  const output = values.output ?? (share === 1 ? path.join(projectRoot, 'bench/results/torture.json') : null)
  return { share, seed, output, words: positionals }
}

/** What ran where. */
function circumstances(node) {
  const versionOf = (name) => readJson(path.join(projectRoot, 'node_modules', name, 'package.json'))?.version ?? null
  const [cpu] = os.cpus()
  return {
    machine: {
      system: `${os.type()} ${os.release()} ${os.arch()}`,
      processor: cpu?.model ?? null,
      cores: os.availableParallelism(),
      memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    },
    versions: {
      atelier: readJson(path.join(projectRoot, 'package.json')).version,
      node: execFileSync(node, ['--version'], { encoding: 'utf8' }).trim(),
      tfjs: versionOf('@tensorflow/tfjs'),
      betterSqlite3: versionOf('better-sqlite3'),
    },
  }
}

async function main() {
  const { share, seed, output, words } = options()
  const progress = createProgress()
  let node
  try {
    ;({ node } = await ensureSetup({ progress }))
    await build({ node, progress })
  } catch (error) {
    tellProblem(error)
    return 1
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-torture-'))
  try {
    const report = path.join(folder, 'report.json')
    const figures = path.join(folder, 'figures.jsonl')
    writeFileSync(figures, '')
    const env = {
      ...process.env,
      ATELIER_TORTURE: 'long',
      ATELIER_TORTURE_SHARE: String(share),
      ATELIER_TORTURE_SEED: String(seed),
      ATELIER_TORTURE_REPORT: figures,
    }
    const vitest = path.join(projectRoot, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${report}`]
    const which = words.length > 0 ? words.map((word) => `test/torture/${word}`) : ['test/torture/']
    // One file at a time: what is killed in one must not slow down what is watched in another.
    const args = [vitest, 'run', ...reporters, '--no-file-parallelism', ...which]
    const started = new Date()
    const status = await passThrough(node, args, { cwd: projectRoot, env })
    const found = readJson(report)
    const run = {
      command: ['npm run torture --', `--seed ${seed}`, ...(share === 1 ? [] : [`--share ${share}`]), ...words].join(
        ' ',
      ),
      started: started.toISOString(),
      ...circumstances(node),
    }
    const tests = tortureTests(found, readFileSync(figures, 'utf8'), `${projectRoot}/`)
    if (output && tests.length > 0) {
      writeFileSync(output, `${JSON.stringify(withTests(readJson(output), run, tests), null, 2)}\n`)
      process.stdout.write(`Written to ${path.relative(process.cwd(), output)}\n`)
    }
    const { line, ok } = summarise(found, status)
    process.stdout.write(`${line}\n`)
    return ok ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 2
}
