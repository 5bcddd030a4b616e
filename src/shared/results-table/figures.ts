import { measureTitles, percent } from './measures.ts'
import type { Measure } from './measures.ts'

const knownTitles: Record<string, string> = { mnist: 'MNIST', 'fashion-mnist': 'Fashion-MNIST' }

/** What a data set is called where nothing else is known than its id. */
export const datasetTitle = (dataset: string): string => knownTitles[dataset] ?? dataset

/** A figure in per cent: "96.67 ± 0.14", or "96.67" where there is no deviation. */
export const figureText = ({ mean, std }: { mean: number; std: number | null }, plusMinus = '±'): string =>
  std === null ? percent(mean) : `${percent(mean)} ${plusMinus} ${percent(std)}`

/** Where a reference row is from, behind its name. */
export const referenceLabel = ({ method, source }: { method: string; source: string }): string =>
  `${method} (${source})`

/** What the numbers are, for above or below a table. */
export const captionOf = (measure: Measure): string =>
  `${measureTitles[measure]} on the test images, %: mean ± sample standard deviation over seeds (runs), by number of labels`
