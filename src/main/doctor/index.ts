import { checkDatasets } from './datasets.ts'
import { checkEngine } from './engine.ts'
import { problem } from './finding.ts'
import type { Finding, Part } from './finding.ts'
import { checkLibraryFolder, checkLog } from './library.ts'
import { checkDisk, checkMemory, checkNetwork, checkNode, checkWindow } from './machine.ts'

export type { Finding } from './finding.ts'

type Check = () => Finding | Finding[] | Promise<Finding | Finding[]>

/**
 * Looks at all that Atelier needs on this machine, one thing after another, and changes nothing but the caches of what it
 * starts. A check that fails itself is a problem of its own, and the others go on.
 */
export async function* examine(library: string, cache: string): AsyncGenerator<Finding> {
  const checks: [Part, Check][] = [
    ['node', checkNode],
    ['worker', checkEngine],
    ['library', () => checkLibraryFolder(library)],
    ['data sets', () => checkDatasets(cache)],
    ['disk', () => checkDisk(library, cache)],
    ['memory', checkMemory],
    ['window', checkWindow],
    ['network', checkNetwork],
    ['log', () => checkLog(library)],
  ]
  for (const [part, check] of checks) yield* await guarded(part, check)
}

async function guarded(part: Part, check: Check): Promise<Finding[]> {
  try {
    return [await check()].flat()
  } catch (error) {
    const message = `This could not be looked at: ${(error as Error).message}`
    return [problem(part, message, 'Run `npm run setup`; if that does not help, report this with the log.')]
  }
}
