import { createCore } from '../core.ts'
import type { Core, CoreOptions } from '../core.ts'
import { openEndpoint } from './run-serve.ts'

/**
 * A core that the command line can reach while an app with windows of its own has it: the API alone, on any free port
 * of loopback. Where that can't be had the core is as good without.
 * @throws LibraryError when the library can't be opened.
 */
export async function createReachableCore(options: CoreOptions): Promise<Core> {
  const core = await createCore(options)
  try {
    const endpoint = await openEndpoint(Promise.resolve(core), core.library.directory, { port: 0, page: null })
    return {
      ...core,
      async close() {
        await endpoint.close()
        await core.close()
      },
    }
  } catch (error) {
    console.error(`The command line can't reach this core: ${(error as Error).message}`)
    return core
  }
}
