import { expect, test } from 'vitest'
import { setsOf, sharedSets } from '../../../src/renderer/components/samples/sets.ts'
import type { Sample } from '../../../src/shared/run.ts'

const samples = (...names: string[]): Sample[] =>
  names.map((name, step) => ({
    name,
    step,
    epoch: step,
    time: 0,
    hash: `${name}${step}`,
    columns: 8,
    rows: 8,
    tileWidth: 28,
    tileHeight: 28,
  }))
const names = (sets: { name: string }[]) => sets.map((s) => s.name)

test('sets have readable titles and an order of their own, unknown ones last', () => {
  const sets = setsOf(samples('manifold', 'odd', 'reconstructions', 'samples', 'samples'))
  expect(sets.map((s) => s.title)).toEqual(['Samples', 'Reconstructions', 'Manifold', 'Odd'])
  expect(names(sets.filter((s) => s.whole))).toEqual(['manifold'])
})

test('runs are compared by sets that all of them have', () => {
  const vae = samples('samples', 'reconstructions')
  expect(names(sharedSets([vae, samples('samples')]))).toEqual(['samples'])
  expect(names(sharedSets([vae, vae]))).toEqual(['samples', 'reconstructions'])
  // A run that has drawn nothing yet does not count against a set.
  expect(names(sharedSets([vae, []]))).toEqual(['samples', 'reconstructions'])
})

test('runs that share no set each show one of their own', () => {
  expect(names(sharedSets([samples('analogies'), samples('samples')]))).toEqual(['samples', 'analogies'])
  expect(sharedSets([])).toEqual([])
})
