export interface DatasetErrorOptions {
  /** What to do about it. */
  hint?: string | null
  /** True when the request was wrong (unknown id, no such folder), false when the work failed (disk full, no network). */
  badInput?: boolean
  cause?: unknown
}

/** What was wrong with a data set and what to do; every error that leaves this room is one of these, or an abort. */
export class DatasetError extends Error {
  readonly hint: string | null
  readonly badInput: boolean

  constructor(message: string, options: DatasetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'DatasetError'
    this.hint = options.hint ?? null
    this.badInput = options.badInput ?? false
  }
}

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const formatCount = (n: number): string => n.toLocaleString('en-US')

export const formatBytes = (n: number): string => {
  if (n < 1000) return `${n} B`
  if (n < 1e6) return `${(n / 1e3).toFixed(0)} kB`
  return n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`
}

/** Turns what the file system says while the cache is written into something a person can act on. */
export function cacheError(error: unknown, directory: string): Error {
  if (error instanceof DatasetError) return error
  const what = {
    ENOSPC: ['The disk is full', 'Free some space there and try again.'],
    EDQUOT: ['The disk quota is used up', 'Free some space there and try again.'],
    EACCES: [
      'The cache folder may not be written',
      'Give yourself the right to write there, or choose another folder.',
    ],
    EPERM: ['The cache folder may not be written', 'Give yourself the right to write there, or choose another folder.'],
    EROFS: ['The cache folder is on a read-only disk', 'Choose another cache folder.'],
    ENOTDIR: ['The cache folder is not a folder', 'Choose another cache folder.'],
  }[errorCode(error) ?? '']
  if (what) return new DatasetError(`${what[0]}: ${directory}`, { hint: what[1], cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
