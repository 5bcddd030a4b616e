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
