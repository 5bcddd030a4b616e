import type { Library, LibraryOwner, OpenOptions } from './types.ts'

export type * from './types.ts'
export { LibraryError, NotFoundError, type LibraryErrorCode } from './errors.ts'
export { followLog, type FollowOptions, type LogFollower } from './follow-log.ts'

/**
 * Opens a library folder, making it (and its database, schema and lock) when it is empty or missing.
 * @throws LibraryError; a refused library is left byte for byte as it was.
 */
export declare function openLibrary(directory: string, options?: OpenOptions): Library

/** The core that has the library open, or null when none does. */
export declare function libraryOwner(directory: string): LibraryOwner | null
