import { binTexts } from './texts/bin.ts'
import { dataTexts } from './texts/data.ts'
import { launchTexts } from './texts/launch.ts'
import { resultsTexts } from './texts/results.ts'
import { runsTexts } from './texts/runs.ts'
import { shellTexts } from './texts/shell.ts'

/** What the window says, in one place: a translation replaces these and nothing else. */
export const texts = {
  ...shellTexts,
  runs: runsTexts,
  bin: binTexts,
  launch: launchTexts,
  data: dataTexts,
  results: resultsTexts,
}
