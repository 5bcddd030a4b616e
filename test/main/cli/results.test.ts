import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { presetParams } from '../../../src/shared/experiments/index.ts'
import type { Params } from '../../../src/shared/experiments/index.ts'
import { openLibrary } from '../../../src/main/store/index.ts'
import type { Library } from '../../../src/main/store/index.ts'
import { makePlace, openCore, root } from '../support.ts'
import type { Place } from '../support.ts'
import { hello, metrics, recording, series } from '../store/fixtures.ts'

function atelier(place: Place, ...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(root, 'src/main/cli.ts'), ...args],
      { cwd: place.directory, env: place.env },
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr }),
    )
    onTestFinished(() => void child.kill('SIGKILL'))
  })
}

/** A done run with these figures, through the events that a worker logs. */
function record(library: Library, kind: string, params: Params, accuracy: number): string {
  const run = library.createRun({ kind, preset: null, params: { ...presetParams(kind), ...params } })
  const { id, attempt, ingest } = recording(library, run)
  ingest(
    hello(),
    series('accuracy', 'precision', 'recall', 'fScore'),
    metrics(1, accuracy, accuracy - 0.1, accuracy - 0.2, accuracy - 0.15),
  )
  library.endAttempt(id, attempt, { status: 'done' })
  return id
}

function fill(library: Library): string[] {
  return [
    record(library, 'vae-svm', { labelSeed: 0 }, 0.88),
    record(library, 'vae-svm', { labelSeed: 1 }, 0.9),
    record(library, 'm2', { dataset: 'fashion-mnist', labels: 600 }, 0.75),
  ]
}

it('tables the results of a library that no core has open', async () => {
  const place = makePlace()
  const library = openLibrary(place.library)
  const [a, b] = fill(library)
  library.close()

  const { status, stdout } = await atelier(place, 'results')
  expect(status).toBe(0)
  const lines = stdout.split('\n').map((line) => line.trim().split(/ {2,}/))
  expect(lines[0]).toEqual(['DATA SET', 'METHOD', '100', '600', '1000', '3000'])
  expect(lines[1]).toEqual(['MNIST', 'VAE + SVM', '89.00 ± 1.41 (2)*', '–', '–', '–'])
  expect(lines).toContainEqual([
    'MNIST',
    'M1+M2 (Kingma et al. 2014, table 1)',
    '96.67 ± 0.14',
    '97.41',
    '97.60',
    '97.82',
  ])
  expect(lines).toContainEqual(['Fashion-MNIST', 'M2', '–', '75.00 (1)*', '–', '–'])

  const own = await atelier(place, 'results', '--no-references', '--dataset', 'mnist', '--measure', 'f-score')
  expect(own.stdout).toContain('74.00 ± 1.41 (2)*')
  expect(own.stdout).not.toContain('Kingma')
  expect(own.stdout).not.toContain('Fashion')

  const csv = await atelier(place, 'results', '--no-references', '--format', 'csv')
  expect(csv.stdout).toContain(`mnist,VAE + SVM,atelier,100,accuracy,0.89,0.014142,2,${a} ${b}\r\n`)

  const json = JSON.parse((await atelier(place, 'results', '--json')).stdout) as { columns: number[] }
  expect(json.columns).toEqual([100, 600, 1000, 3000])

  const written = await atelier(place, 'results', '--format', 'latex', '--out', 'table.tex')
  expect(written.stdout).toContain('table.tex')
  expect(readFileSync(path.join(place.directory, 'table.tex'), 'utf8')).toContain('\\textbf{89.00 $\\pm$ 1.41} (2)')
})

it('reads beside a core that has the library open', async () => {
  const place = makePlace()
  const core = await openCore(place)
  fill(core.library)
  const { status, stdout } = await atelier(place, 'results', '--format', 'markdown', '--no-references')
  expect(status).toBe(0)
  expect(stdout).toContain('| MNIST | VAE + SVM | **89.00 ± 1.41** (2) | – |')
})

it('says what is wrong with its input, with status 2, and makes no library', async () => {
  const place = makePlace()
  const cases = [
    [['--measure', 'loss'], /--measure must be one of accuracy, precision, recall, f-score, not "loss"/],
    [['--format', 'pdf'], /--format must be one of table, csv, markdown, latex, json, not "pdf"/],
    [['--dataset', 'mnist,cats'], /no results on a data set "cats".*mnist, fashion-mnist/],
    [['--out', 'no/such/folder.csv'], /can't be written/],
  ] as const
  const answers = await Promise.all(cases.map(([args]) => atelier(place, 'results', ...args)))
  for (const [i, { status, stdout, stderr }] of answers.entries()) {
    const [args, message] = cases[i]!
    expect({ args, status, stdout }).toEqual({ args, status: 2, stdout: '' })
    expect(stderr).toMatch(message)
  }
  const empty = await atelier(place, 'results', '--no-references')
  expect(empty).toMatchObject({ status: 0, stdout: expect.stringContaining('No results yet') })
  expect(existsSync(place.library)).toBe(false)
})
