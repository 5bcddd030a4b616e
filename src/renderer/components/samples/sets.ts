import type { Sample } from '../../../shared/run.ts'
import { sampleTexts } from './texts.ts'

/** How a set of sample grids is shown. */
export interface SampleSet {
  name: string
  title: string
  help: string
  /** Its tiles have places that mean something: it is shown whole, and real images beside it would say nothing. */
  whole: boolean
}

const wholeSets = new Set(['manifold', 'analogies'])
const order = ['samples', 'reconstructions', 'manifold', 'analogies']
const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length)

export const sampleSet = (name: string): SampleSet => ({
  name,
  title: sampleTexts.sets[name]?.title ?? name.charAt(0).toUpperCase() + name.slice(1),
  help: sampleTexts.sets[name]?.help ?? '',
  whole: wholeSets.has(name),
})

/** The sets of a run's samples, the known ones first. */
export function setsOf(samples: readonly Sample[]): SampleSet[] {
  const names = [...new Set(samples.map((s) => s.name))]
  return names.sort((a, b) => rank(a) - rank(b)).map(sampleSet)
}

/** The sets of several runs: what all of them have comes first, so that what is shown is compared like with like. */
export function sharedSets(runs: readonly (readonly Sample[])[]): SampleSet[] {
  const lists = runs.filter((samples) => samples.length).map(setsOf)
  const names = [...new Set(lists.flat().map((set) => set.name))]
  const held = (name: string) => lists.filter((list) => list.some((set) => set.name === name)).length
  return names
    .sort((a, b) => held(b) - held(a) || rank(a) - rank(b))
    .map((name) => ({ set: sampleSet(name), everywhere: held(name) === lists.length }))
    .filter(({ everywhere }, _, all) => everywhere || !all.some((one) => one.everywhere))
    .map(({ set }) => set)
}
