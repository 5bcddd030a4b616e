import Database from 'better-sqlite3'

/**
 * What can be wrong with a library:
 * - `locked`: another core has it open; `not-a-directory`: the path is a file, or can't be made;
 * - `newer`: written by a later Atelier; `foreign`: not a library at all; `damaged`: truncated or otherwise broken;
 * - `read-only`: it can't be written; `disk-full`, `io`: what was being written is rolled back, nothing older is lost.
 */
export type LibraryErrorCode =
  'locked' | 'newer' | 'foreign' | 'damaged' | 'read-only' | 'not-a-directory' | 'disk-full' | 'io'

/** A library that can't be used; `message` says what is wrong and what to do. The library is left as it was. */
export class LibraryError extends Error {
  readonly code: LibraryErrorCode
  constructor(code: LibraryErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'LibraryError'
    this.code = code
  }
}

/** A run, attempt or blob that isn't in the library. */
export class NotFoundError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotFoundError'
  }
}

/** A batch that doesn't fit what is in the library: a gap or an overlap in the log, or an older attempt. */
export class IngestError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'IngestError'
  }
}

export const damaged = (what: string, cause?: unknown) =>
  new LibraryError(
    'damaged',
    `The library is damaged: ${what}. Nothing was changed. Put library.db away, with library.db-wal and library.db-shm if ` +
      'they are there, and restore library.db from a backup (see the backups folder beside it); or open another library.',
    { cause },
  )

const diskFull = (cause: unknown) =>
  new LibraryError(
    'disk-full',
    'The disk that holds the library is full. Nothing that was stored is lost; free some space and it goes on.',
    { cause },
  )

const readOnly = (cause: unknown) =>
  new LibraryError(
    'read-only',
    "The library can't be written. Give yourself write permission for its folder, or open another library.",
    { cause },
  )

/** Turns what SQLite and the file system throw into a LibraryError; other errors pass as they are. */
export function asLibraryError(error: unknown): unknown {
  if (error instanceof Database.SqliteError) {
    const code = error.code
    if (code === 'SQLITE_FULL') return diskFull(error)
    if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM')
      return readOnly(error)
    if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(error.message, error)
    if (code.startsWith('SQLITE_IOERR'))
      return new LibraryError('io', `The disk reported an error while the library was in use (${code}). Try again.`, {
        cause: error,
      })
    if (code.startsWith('SQLITE_BUSY'))
      return new LibraryError('locked', 'Another program holds the library locked. Close it and try again.', {
        cause: error,
      })
    return error
  }
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(error)
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return readOnly(error)
  return error
}
