import { expect, it } from 'vitest'
import { headlineMetrics } from '../../src/shared/headline.ts'

const names = (kind: string, metrics: Record<string, number>) =>
  headlineMetrics({ kind, metrics }).map(({ name }) => name)

it.each([
  ['wgan-gp', { gradientNorm: 1, generatorLoss: 2, criticLoss: 3 }, ['criticLoss', 'generatorLoss']],
  ['vae', { kl: 1, loss: 100, testLoss: 101 }, ['loss', 'testLoss']],
  ['m1-m2', { loss: 70 }, ['loss']],
  ['m1-m2', { loss: 70, accuracy: 0.96, precision: 0.96 }, ['accuracy']],
  ['vae-svm', { recall: 0.9, accuracy: 0.9 }, ['accuracy']],
  ['vae-svm', {}, []],
  ['of the future', { loss: 1 }, []],
])('of %s with %j', (kind, metrics, expected) => {
  expect(names(kind, metrics)).toEqual(expected)
})
