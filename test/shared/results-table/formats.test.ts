import { expect, test } from 'vitest'
import { formats, resultsTable } from '../../../src/shared/results-table/index.ts'
import { classifier } from './support.ts'

const runs = [
  classifier('vae-svm', 0.88, { labelSeed: 0 }, { id: 'a' }),
  classifier('vae-svm', 0.9, { labelSeed: 1 }, { id: 'b' }),
  classifier('vae-svm', 0.95, { labels: 600 }, { id: 'c' }),
  classifier('m2', 0.876543, { alpha: 0.5 }, { id: 'd' }),
]
const table = resultsTable(runs, { references: false })

test('CSV has a tidy line a cell', () => {
  expect(formats.csv.write(table)).toBe(
    [
      'dataset,method,source,labels,measure,mean,std,n,runs',
      'mnist,VAE + SVM,atelier,100,accuracy,0.89,0.014142,2,a b',
      'mnist,VAE + SVM,atelier,600,accuracy,0.95,,1,c',
      'mnist,"M2, α 0.5",atelier,100,accuracy,0.876543,,1,d',
      '',
    ].join('\r\n'),
  )
  const withOthers = formats.csv.write(resultsTable(runs)).split('\r\n')
  expect(withOthers).toContain('mnist,M1+M2,"Kingma et al. 2014, table 1",100,accuracy,0.9667,0.0014,,')
  expect(withOthers).toContain('fashion-mnist,VAE + LinearSVC,homework,3000,accuracy,0.7573,,,')
})

test('Markdown marks the best in bold', () => {
  expect(formats.markdown.write(table)).toBe(
    [
      'Accuracy on the test images, %: mean ± sample standard deviation over seeds (runs), by number of labels.',
      '',
      '| Data set | Method | 100 | 600 |',
      '| :-- | :-- | --: | --: |',
      '| MNIST | VAE + SVM | **89.00 ± 1.41** (2) | **95.00** (1) |',
      '| MNIST | M2, α 0.5 | 87.65 (1) | – |',
      '',
    ].join('\n'),
  )
  expect(formats.markdown.write(resultsTable(runs))).toContain(
    '| MNIST | *M1+M2 (Kingma et al. 2014, table 1)* | 96.67 ± 0.14 | 97.41 | 97.60 | 97.82 |',
  )
})

test('LaTeX is a booktabs table with its text escaped', () => {
  expect(formats.latex.write(table)).toBe(
    [
      '% Accuracy on the test images, %: mean ± sample standard deviation over seeds (runs), by number of labels. Needs \\usepackage{booktabs}.',
      '\\begin{tabular}{lrr}',
      '\\toprule',
      'Accuracy, \\% & 100 & 600 \\\\',
      '\\midrule',
      '\\multicolumn{3}{l}{MNIST} \\\\',
      '\\quad VAE + SVM & \\textbf{89.00 $\\pm$ 1.41} (2) & \\textbf{95.00} (1) \\\\',
      '\\quad M2, $\\alpha$ 0.5 & 87.65 (1) & -- \\\\',
      '\\bottomrule',
      '\\end{tabular}',
      '',
    ].join('\n'),
  )
  const titled = formats.latex.write(table, () => 'A_b & 50% of ~{x}^2\\')
  expect(titled).toContain('{A\\_b \\& 50\\% of \\textasciitilde{}\\{x\\}\\textasciicircum{}2\\textbackslash{}} \\\\')
})

test('JSON holds figures, runs and what is missing', () => {
  const { datasets, columns } = JSON.parse(formats.json.write(resultsTable(runs))) as {
    columns: number[]
    datasets: { rows: { method: string; cells: unknown[] }[]; references: { method: string; cells: unknown[] }[] }[]
  }
  expect(columns).toEqual([100, 600, 1000, 3000])
  expect(datasets[0]!.rows[1]).toMatchObject({
    method: 'M2, α 0.5',
    kind: 'm2',
    cells: [
      { labels: 100, mean: 0.876543, std: null, n: 1, best: false, runs: [{ id: 'd', labelSeed: 0, seed: 0 }] },
      { labels: 600, mean: null, n: 0, missing: [{ labelSeed: 0, seed: 0 }] },
      {},
      {},
    ],
  })
  expect(datasets[1]!.references[0]).toMatchObject({
    method: 'VAE + LinearSVC',
    cells: [{ labels: 100, mean: 0.662 }, {}, {}, {}],
  })
})

test('a table of nothing is written as one', () => {
  const nothing = resultsTable([], { references: false })
  expect(formats.csv.write(nothing)).toBe('dataset,method,source,labels,measure,mean,std,n,runs\r\n')
  expect(formats.latex.write(nothing)).toContain('\\begin{tabular}{l}')
})
