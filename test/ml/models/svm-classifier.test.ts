import { beforeAll, describe, expect, it } from 'vitest'
import { openEngine } from '../../../src/ml/engine/open.ts'
import type { Tf } from '../../../src/ml/engine/open.ts'
import type { StoredState } from '../../../src/ml/engine/parameters.ts'
import {
  fitSvmClassifier,
  loadSvmClassifier,
  predictSvmClassifier,
  storeSvmClassifier,
} from '../../../src/ml/models/svm-classifier.ts'
import type { Features, SvmClassifierOptions } from '../../../src/ml/models/svm-classifier.ts'
import { decodeSafetensors, encodeSafetensors } from '../../../src/shared/safetensors.ts'
import { enginesHere, normals } from '../engine/finite-differences.ts'

const features = 3
const defaults: SvmClassifierOptions = {
  kernel: 'linear',
  transductive: false,
  C: 1,
  gamma: 0,
  components: 200,
  seed: 0,
}

/** Interleaved half circles (and a third class beside them if wanted) with a feature that is noise alone. */
function moons(rows: number, classes: 2 | 3, seed: number): Features & { labels: Int32Array } {
  const normal = normals(seed)
  const x = new Float32Array(rows * features)
  const labels = Int32Array.from({ length: rows }, (_, i) => i % classes)
  for (const [i, label] of labels.entries()) {
    const angle = Math.PI * ((i * 0.618034) % 1)
    const at = [
      [Math.cos(angle), Math.sin(angle)],
      [1 - Math.cos(angle), 0.5 - Math.sin(angle)],
      [4, Math.cos(angle)],
    ][label]!
    for (const [j, value] of at.entries()) x[i * features + j] = value + 0.08 * normal()
    x[i * features + 2] = 0.01 * normal()
  }
  return { x, rows, labels }
}

const few = (of: ReturnType<typeof moons>, rows: number) => ({
  x: of.x.slice(0, rows * features),
  rows,
  features,
  labels: of.labels.slice(0, rows),
})

describe.each(await enginesHere())('a classifier on the %s engine', (prefer) => {
  let tf: Tf
  beforeAll(async () => {
    tf = (await openEngine({ prefer })).tf
  })
  const accuracy = async (options: Partial<SvmClassifierOptions>, labels: number, classes: 2 | 3 = 2) => {
    const [train, test] = [moons(1200, classes, 1), moons(600, classes, 2)]
    const classifier = await fitSvmClassifier(tf, { ...defaults, ...options }, few(train, labels), train)
    const predicted = predictSvmClassifier(tf, classifier, test.x, test.rows)
    return predicted.filter((label, i) => label === test.labels[i]).length / test.rows
  }

  it('separates with a curve what no line can', async () => {
    expect(await accuracy({ C: 100 }, 600)).toBeLessThan(0.93)
    expect(await accuracy({ kernel: 'rbf', C: 100, gamma: 2 }, 600)).toBeGreaterThan(0.97)
    expect(await accuracy({ kernel: 'rbf', C: 100 }, 600, 3)).toBeGreaterThan(0.97)
  })

  it('learns more from unlabelled rows than from a few labels alone', async () => {
    for (const classes of [2, 3] as const) {
      const labels = 5 * classes
      const alone = await accuracy({ kernel: 'rbf' }, labels, classes)
      for (const kernel of ['linear', 'rbf'] as const) {
        const helped = await accuracy({ kernel, transductive: true, dimensions: 20 }, labels, classes)
        expect(helped).toBeGreaterThan(Math.max(0.95, alone + 0.03))
      }
    }
  })

  it('predicts the same after a way through a file, and fits the same again', async () => {
    const [train, test] = [moons(900, 3, 3), moons(300, 3, 4)]
    for (const transductive of [false, true])
      for (const kernel of ['linear', 'rbf'] as const) {
        const options = { ...defaults, kernel, transductive, standardise: kernel === 'rbf', dimensions: 20 }
        const classifier = await fitSvmClassifier(tf, options, few(train, 60), train)
        const predicted = predictSvmClassifier(tf, classifier, test.x, test.rows)
        expect(new Set(predicted).size).toBe(3)
        const { state } = decodeSafetensors(encodeSafetensors(storeSvmClassifier(classifier), {}))
        const loaded = loadSvmClassifier(state)
        expect(loaded).toEqual(classifier)
        expect(predictSvmClassifier(tf, loaded, test.x, test.rows)).toEqual(predicted)
        expect(await fitSvmClassifier(tf, options, few(train, 60), train)).toEqual(classifier)
      }
  })

  it('takes labelled rows among the unlabelled ones once, and others as well', async () => {
    const train = moons(600, 2, 5)
    const options = { ...defaults, transductive: true, dimensions: 20 }
    const within = await fitSvmClassifier(tf, options, few(train, 40), train)
    expect(within.graph?.index.rows).toBe(600)
    const rest = { x: train.x.slice(40 * features), rows: 560 }
    const apart = await fitSvmClassifier(tf, options, few(train, 40), rest)
    expect(apart.graph?.index.rows).toBe(600)
  })

  it('leaves no tensor behind and tells its progress', async () => {
    const train = moons(500, 2, 6)
    const before = tf.memory().numTensors
    const told: number[] = []
    const options: SvmClassifierOptions = { ...defaults, kernel: 'rbf', transductive: true, dimensions: 10 }
    const classifier = await fitSvmClassifier(tf, options, few(train, 20), train, (fraction) => told.push(fraction))
    predictSvmClassifier(tf, classifier, train.x, train.rows)
    expect(tf.memory().numTensors).toBe(before)
    expect(told.at(-1)).toBe(1)
    expect(told.every((fraction, i) => i === 0 || fraction >= told[i - 1]!)).toBe(true)
  })

  it('refuses bad input before it fits', async () => {
    const train = moons(100, 2, 7)
    const fit = (
      options: Partial<SvmClassifierOptions>,
      unlabelled: Features | null = train,
      labels = few(train, 10),
    ) => fitSvmClassifier(tf, { ...defaults, ...options }, labels, unlabelled, () => expect.unreachable())
    await expect(fit({ transductive: true }, null)).rejects.toThrow('needs unlabelled features')
    await expect(fit({ C: 0 })).rejects.toThrow('C is 0')
    await expect(fit({ gamma: NaN })).rejects.toThrow('gamma is NaN')
    await expect(fit({ kernel: 'cubic' as 'rbf' })).rejects.toThrow("The kernel is 'cubic'")
    await expect(fit({ kernel: 'rbf', components: 0 })).rejects.toThrow('0 is no number of random features')
    await expect(fit({}, { x: train.x.with(4, NaN), rows: 100 })).rejects.toThrow('Feature 1 of row 1 is NaN')
    await expect(fit({}, { x: train.x, rows: 99 })).rejects.toThrow('hold 300 numbers; 99 rows')
    const oneClass = { ...few(train, 10), labels: new Int32Array(10) }
    await expect(fit({}, train, oneClass)).rejects.toThrow('at least two classes')
  })

  it('refuses a state that is no classifier, or of features of another width', async () => {
    const train = moons(300, 2, 8)
    const classifier = await fitSvmClassifier(
      tf,
      { ...defaults, transductive: true, dimensions: 10 },
      few(train, 20),
      train,
    )
    const state = storeSvmClassifier(classifier)
    const without = (key: string): StoredState =>
      Object.fromEntries(Object.entries(state).filter(([name]) => name !== key))
    expect(() => loadSvmClassifier({})).toThrow("has no 'scale/mean'")
    expect(() => loadSvmClassifier(without('graph/reach'))).toThrow("has no 'graph/reach'")
    expect(() => loadSvmClassifier(without('svm/intercepts'))).toThrow("has no 'svm/intercepts'")
    const cells = state['graph/cells']!
    expect(() =>
      loadSvmClassifier({ ...state, 'graph/cells': { ...cells, data: cells.data.map((start) => start + 1) } }),
    ).toThrow('does not divide')
    expect(() => predictSvmClassifier(tf, classifier, new Float32Array(8), 2)).toThrow('2 rows of 3 features are 6')
  })
})
