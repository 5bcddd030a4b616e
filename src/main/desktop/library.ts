import { parseArgs } from 'node:util'
import { dialog } from 'electron'
import { createCore } from '../core.ts'
import type { Core } from '../core.ts'
import { logged } from '../log/core-log.ts'
import { libraryDirectory } from '../paths.ts'
import { openEndpoint } from '../server/run-serve.ts'
import type { SettingsFile } from './settings.ts'

/** What `--library DIR` or `--library=DIR` names; every other argument is Chromium's. */
export function libraryArgument(argv: readonly string[]): string {
  const options = { library: { type: 'string' } } as const
  const { values } = parseArgs({ args: argv.slice(1), options, strict: false, allowPositionals: true })
  return typeof values.library === 'string' ? values.library : ''
}

/** Opens a library, and makes its core reachable for the CLI; a window without that is better than none. */
export async function openCore(directory: string): Promise<Core> {
  const core = logged(await createCore({ libraryDirectory: directory, platform: 'desktop' }), 'desktop')
  const endpoint = await openEndpoint(Promise.resolve(core), directory).catch((error: Error) => {
    console.error(`The command line can't reach this Atelier: ${error.message}`)
    return null
  })
  return {
    ...core,
    async close() {
      await endpoint?.close()
      await core.close()
    },
  }
}

/**
 * Opens the library that `--library` asks for, else the environment, else the one that was open last, else the user's
 * own. One that can't be opened is told, and the user may choose another; null when they would rather quit.
 */
export async function openFirstLibrary(settings: SettingsFile, asked: string): Promise<Core | null> {
  let directory = libraryDirectory(asked || process.env.ATELIER_LIBRARY || settings.get().library)
  let chosen = false
  for (;;) {
    try {
      const core = await openCore(directory)
      if (chosen) settings.set({ library: directory })
      return core
    } catch (error) {
      const { response } = await dialog.showMessageBox({
        type: 'error',
        title: 'Atelier',
        message: `The library in ${directory} could not be opened.`,
        detail: (error as Error).message,
        buttons: ['Choose Another Library…', 'Try Again', 'Quit'],
        cancelId: 2,
        noLink: true,
      })
      if (response === 2) return null
      if (response === 1) continue
      const { filePaths } = await dialog.showOpenDialog({ properties: ['openDirectory', 'createDirectory'] })
      if (!filePaths[0]) continue
      directory = filePaths[0]
      chosen = true
    }
  }
}
