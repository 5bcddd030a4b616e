import type { Artifact, Classification, Result } from '../../../shared/results.ts'
import { artifactNames } from '../../../shared/results.ts'

/** 0.97421 → "97.42 %"; what is not quite all or nothing never reads as if it were. */
export function percent(share: number, digits = 2): string {
  if (share > 0 && share < 0.5 * 10 ** -(digits + 2)) return `< ${10 ** -digits} %`
  const text = (share * 100).toFixed(digits)
  return `${share < 1 && Number(text) === 100 ? (100 - 10 ** -digits).toFixed(digits) : text} %`
}

/** How well the run classified: its result of that name, or else its newest classification. */
export function classificationOf(results: readonly Result[]): Classification | null {
  const all = results.filter((r) => r.value.type === 'classification')
  const found = all.find((r) => r.name === 'classification') ?? all.at(-1)
  return found?.value.type === 'classification' ? found.value : null
}

export const artifactOf = (artifacts: readonly Artifact[], name: keyof typeof artifactNames): Artifact | null =>
  artifacts.find((a) => a.name === artifactNames[name]) ?? null
