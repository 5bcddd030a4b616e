import { countOfRuns } from './runs.ts'

/** The texts of the bin. */
export const binTexts = {
  title: 'Bin',
  open: 'Bin',
  openHelp: 'Removed runs, which can be restored',
  back: 'All runs',
  facts: (n: number, bytes: string) => `${countOfRuns(n)} · ${bytes}`,
  help: 'Removed runs lie here whole and can be restored. After 30 days they are deleted for good.',
  emptyTitle: 'The bin is empty',
  loading: 'Looking into the bin…',
  failed: 'The bin could not be read',
  columns: { name: 'Run', status: 'Status', removed: 'Removed', left: 'Deleted for good', size: 'Size' },
  sizeHelp: 'Its samples, checkpoints, models and pictures.',
  inDays: (days: number) => (days <= 0 ? 'within a day' : days === 1 ? 'in 1 day' : `in ${days} days`),
  restore: 'Restore',
  restoreOf: (name: string) => `Restore ${name}`,
  restoreAll: 'Restore all',
  restored: (n: number) => `${countOfRuns(n)} restored`,
  notRestored: 'Not restored',
  deleteOf: (name: string) => `Delete ${name} for good`,
  deleteTitle: (name: string) => `Delete ${name} for good?`,
  deleteText: 'Its metrics, samples and checkpoints are lost. This cannot be undone.',
  deleteConfirm: 'Delete for good',
  empty: 'Empty the bin',
  emptyQuestion: 'Empty the bin?',
  emptyText: (n: number) =>
    n === 1
      ? 'The run in it is deleted for good, with its metrics, samples and checkpoints. This cannot be undone.'
      : `The ${n.toLocaleString('en')} runs in it are deleted for good, with their metrics, samples and checkpoints. This cannot be undone.`,
  deleted: (n: number) => `${countOfRuns(n)} deleted for good`,
  freed: (bytes: string) => `${bytes} are free again.`,
  freedNothing: 'The space will be used for what comes next.',
  notDeleted: 'Not deleted',
}
