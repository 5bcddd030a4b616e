import type { ResultsTable } from './table.ts'

/** All of a table for programs; figures are fractions. */
export const toJson = ({ measure, columns, groups }: ResultsTable): string =>
  `${JSON.stringify(
    {
      measure,
      columns,
      datasets: groups.map(({ dataset, rows, references }) => ({
        dataset,
        rows: rows.map(({ kind, label, cells }) => ({
          method: label,
          kind,
          cells: cells.map(({ labels, mean, std, n, best, values, pending, missing }) => ({
            labels,
            mean,
            std,
            n,
            best,
            runs: values.map(({ run, labelSeed, seed, value }) => ({ id: run.id, labelSeed, seed, value })),
            pending: pending.map(({ id, status }) => ({ id, status })),
            missing,
          })),
        })),
        references: references.map(({ method, source, cells }) => ({
          method,
          source,
          cells: cells.map((cell, i) => ({ labels: columns[i], mean: cell?.mean ?? null, std: cell?.std ?? null })),
        })),
      })),
    },
    null,
    2,
  )}\n`
