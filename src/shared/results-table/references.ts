/** What others have reported, in per cent of the test images; only accuracy was. */
export interface Reference {
  dataset: string
  method: string
  source: string
  /** By budget of labels: mean, and the ± that was given with it. */
  accuracy: Record<number, { mean: number; std?: number }>
}

const homework = 'homework'
const paper = 'Kingma et al. 2014, table 1'

/**
 * The homework's table, and table 1 of Kingma, Rezende, Mohamed and Welling 2014, "Semi-supervised Learning with Deep
 * Generative Models" (arXiv:1406.5298), whose errors are given here as accuracies, 100 − error. Of that table this holds
 * what could be checked against a second publication; its rows NN, CNN and CAE, the rest of TSVM, MTC, AtlasRBF and M2,
 * and most of its ± are left out until then.
 */
export const references: readonly Reference[] = [
  {
    dataset: 'mnist',
    method: 'VAE + LinearSVC',
    source: homework,
    accuracy: { 100: { mean: 65.77 }, 600: { mean: 79.81 }, 1000: { mean: 81.99 }, 3000: { mean: 84.86 } },
  },
  { dataset: 'mnist', method: 'TSVM', source: paper, accuracy: { 1000: { mean: 94.62 } } },
  { dataset: 'mnist', method: 'MTC', source: paper, accuracy: { 1000: { mean: 96.36 } } },
  { dataset: 'mnist', method: 'AtlasRBF', source: paper, accuracy: { 1000: { mean: 96.32 } } },
  {
    dataset: 'mnist',
    method: 'M1+TSVM',
    source: paper,
    accuracy: { 100: { mean: 88.18, std: 0.25 }, 600: { mean: 94.28 }, 1000: { mean: 95.76 }, 3000: { mean: 96.51 } },
  },
  {
    dataset: 'mnist',
    method: 'M2',
    source: paper,
    accuracy: { 100: { mean: 88.03, std: 1.71 }, 1000: { mean: 96.4 } },
  },
  {
    dataset: 'mnist',
    method: 'M1+M2',
    source: paper,
    accuracy: { 100: { mean: 96.67, std: 0.14 }, 600: { mean: 97.41 }, 1000: { mean: 97.6 }, 3000: { mean: 97.82 } },
  },
  {
    dataset: 'fashion-mnist',
    method: 'VAE + LinearSVC',
    source: homework,
    accuracy: { 100: { mean: 66.2 }, 600: { mean: 70.76 }, 1000: { mean: 72.12 }, 3000: { mean: 75.73 } },
  },
]
