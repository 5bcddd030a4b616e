import { os } from './base.ts'
import type { Services } from './base.ts'

/** The library as a whole. */
export function libraryHandlers({ library, scheduler }: Services) {
  return {
    compact: os.library.compact.handler(({ input: { full } }) => library.compact({ full, busy: scheduler.busy() })),
  }
}
