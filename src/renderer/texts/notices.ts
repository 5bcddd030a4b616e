/** What stands beside the message that something happened to runs; the message itself is of src/shared/notices.ts. */
export const noticesTexts = {
  openRun: 'Open the run',
  openRuns: 'Show the runs',
}
