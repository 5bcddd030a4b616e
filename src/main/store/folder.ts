import { mkdirSync, statSync } from 'node:fs'
import { LibraryError, asLibraryError } from './errors.ts'

/** Makes a library's folder where it is missing. Returns the first folder that had to be made, or undefined. */
export function makeFolder(folder: string, readOnly: boolean): string | undefined {
  try {
    const found = statSync(folder, { throwIfNoEntry: false })
    if (found?.isDirectory()) return undefined
    if (found) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' })
    if (readOnly) throw Object.assign(new Error('missing'), { code: 'ENOENT' })
    return mkdirSync(folder, { recursive: true })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'ENOENT')
      throw new LibraryError(
        'not-a-directory',
        `${folder} is not a folder${code === 'ENOENT' ? ' that exists' : ''}. A library is a folder; give the path of one.`,
        { cause: error },
      )
    throw asLibraryError(error)
  }
}
