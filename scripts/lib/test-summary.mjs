/**
 * The last line of `npm test`, from vitest's JSON report.
 *
 * A file that fails before its first test, an error outside any test and a run that left no report count as failures:
 * nothing that went wrong may end in `0 failed`.
 *
 * @param {object | null} report
 * @param {number} status vitest's exit status
 * @returns {{ line: string, ok: boolean }}
 */
export function summarise(report, status) {
  const passed = report?.numPassedTests ?? 0
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  const brokenFiles = (report?.testResults ?? []).filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length
  let failed = (report?.numFailedTests ?? 0) + brokenFiles
  if (failed === 0 && (status !== 0 || !report || report.success === false)) failed = 1
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  return { line, ok: failed === 0 }
}
