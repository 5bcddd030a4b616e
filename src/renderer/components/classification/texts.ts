const count = (n: number) => n.toLocaleString('en')
const images = (n: number) => (n === 1 ? '1 image' : `${count(n)} images`)

export const classificationTexts = {
  title: 'Measures',
  of: (n: number, dataset: string) => `${count(n)} test images of ${dataset}`,
  macro: 'Precision, recall and F-score are plain means over the classes.',
  accuracy: 'Accuracy',
  precision: 'Precision',
  recall: 'Recall',
  fScore: 'F-score',
  support: 'Images',
  class: 'Class',
  classes: 'By class',
  confusion: 'Confusion matrix',
  confusionHelp: 'Rows are the actual classes, columns what they were taken for. Choose a cell to see its images.',
  actual: 'Actual',
  predicted: 'Predicted',
  cell: (actual: string, predicted: string, n: number, share: string) =>
    actual === predicted
      ? `${actual} recognised: ${images(n)}, ${share} of its row`
      : `${actual} taken for ${predicted}: ${images(n)}, ${share} of its row`,
  scale: 'Share of the row',
  right: 'recognised',
  wrong: 'mistaken',
  allWrong: (n: number) => `All ${count(n)} misclassified`,
  noneWrong: 'None is misclassified.',
  mistakes: 'Most frequent mistakes',
  imagesOf: (actual: string, predicted: string) =>
    actual === predicted ? `${actual}, recognised` : `${actual}, taken for ${predicted}`,
  wrongImages: 'Misclassified images',
  range: (from: number, to: number, all: number) => `${count(from)} – ${count(to)} of ${count(all)}`,
  place: (i: number) => `Test image ${count(i)}`,
  tile: (i: number, actual: string, predicted: string) =>
    actual === predicted
      ? `Test image ${count(i)}: ${actual}, recognised`
      : `Test image ${count(i)}: ${actual}, taken for ${predicted}`,
  previous: 'Earlier images',
  next: 'Later images',
  close: 'Close',
  noImages: 'none.',
  finding: 'Looking for the images…',
  failed: 'The images could not be shown',
  noPredictions: 'This run has not kept what each image was taken for, so its images can’t be found.',
  noDataset: (id: string) =>
    `The data set ${id} is not in the list any more. Bring it back on the data page to see its images.`,
  notReady: (id: string) => `The data set ${id} is not prepared on this machine. Get it on the data page.`,
  changed: (now: number, then: number) =>
    `The data set has ${count(now)} test images now; the run classified ${count(then)}. It is not the set that the run saw.`,
  waiting: 'The measures come at the end, once the test images are classified.',
  waitingTitle: 'Not measured yet',
  noneTitle: 'Not measured',
  none: 'The run ended before it classified the test images.',
}
