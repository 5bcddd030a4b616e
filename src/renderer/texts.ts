import { binTexts } from './texts/bin.ts'
import { dataTexts } from './texts/data.ts'
import { launchTexts } from './texts/launch.ts'
import { noticesTexts } from './texts/notices.ts'
import { resultsTexts } from './texts/results.ts'
import { runsTexts } from './texts/runs.ts'
import { settingsTexts } from './texts/settings.ts'
import { shellTexts } from './texts/shell.ts'

/** What the window says, in one place: a translation replaces these and nothing else. */
export const texts = {
  ...shellTexts,
  runs: runsTexts,
  bin: binTexts,
  notices: noticesTexts,
  settings: settingsTexts,
  launch: launchTexts,
  data: dataTexts,
  results: resultsTexts,
}
