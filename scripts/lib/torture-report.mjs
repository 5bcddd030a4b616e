/**
 * What bench/results/torture.json says of the tests, from vitest's JSON report and the figures that they recorded.
 *
 * @param {object | null} report vitest's
 * @param {string} figures lines of JSON, each with the `test` that it is of (`record` in test/torture/support.ts)
 * @param {string} root folder that files are named relative to, with a slash at its end
 * @returns {{ file: string, test: string, outcome: string, seconds: number, figures: object[] }[]}
 */
export function tortureTests(report, figures, root) {
  const lines = figures
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  return (report?.testResults ?? []).flatMap(({ name, assertionResults }) => {
    const file = name.startsWith(root) ? name.slice(root.length) : name
    return assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map((test) => {
        const path = [...test.ancestorTitles, test.title].join(' > ')
        return {
          file,
          test: path,
          outcome: test.status,
          seconds: Math.round((test.duration ?? 0) / 100) / 10,
          figures: lines.filter((line) => line.test === path).map((line) => ({ ...line, test: undefined })),
        }
      })
  })
}

/**
 * The results of before with those of a run in their files' places, ordered by file.
 *
 * @param {Record<string, object> | null} before
 * @param {object} run what holds for all of its tests
 * @param {ReturnType<typeof tortureTests>} tests
 * @returns {Record<string, object>} by file
 */
export function withTests(before, run, tests) {
  const results = { ...before }
  for (const file of new Set(tests.map((test) => test.file))) {
    const of = tests.filter((test) => test.file === file)
    const minutes = Math.round(of.reduce((sum, { seconds }) => sum + seconds, 0) / 6) / 10
    results[file] = { ...run, minutes, tests: of.map((test) => ({ ...test, file: undefined })) }
  }
  return Object.fromEntries(Object.entries(results).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
