import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where a packaged Atelier carries what trains: beside its archive, as scripts/stage-worker.mjs lays it out and
 * electron-builder.yml packs it.
 */
export const packagedWorker = (resources: string, platform: NodeJS.Platform = process.platform) => ({
  node: join(resources, 'node', ...(platform === 'win32' ? ['node.exe'] : ['bin', 'node'])),
  entry: join(resources, 'worker', 'ml', 'worker.js'),
})

/**
 * Has the core start workers from the package (scheduler/worker-command.ts reads these two). What is missing, or was set
 * by the user, is left to the core's own search and its message.
 */
export function usePackagedWorker(resources: string, env: Record<string, string | undefined> = process.env): void {
  const { node, entry } = packagedWorker(resources)
  if (!existsSync(node) || !existsSync(entry)) return
  env.ATELIER_NODE ||= node
  env.ATELIER_WORKER ||= entry
}
