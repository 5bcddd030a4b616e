/**
 * What can be wrong with a library:
 * - `locked`: another core has it open; `not-a-directory`: the path is a file, or is missing and may not be made;
 * - `newer`: written by a later Atelier; `foreign`: not a library at all; `damaged`: truncated or otherwise broken;
 * - `read-only`: it can't be written; `disk-full`: what was being written is rolled back, nothing older is lost.
 */
export type LibraryErrorCode =
  'locked' | 'newer' | 'foreign' | 'damaged' | 'read-only' | 'not-a-directory' | 'disk-full'

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
