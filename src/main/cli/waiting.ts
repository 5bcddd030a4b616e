import { activeStatuses } from '../../shared/run.ts'
import type { Run } from '../../shared/run.ts'
import type { Client } from './connect.ts'

const POLL_MS = 100

export const isOver = (run: Run): boolean => !activeStatuses.includes(run.status) && run.status !== 'queued'

/** The run that a queued one waits for, or null. */
export async function waitedFor(client: Client, run: Run): Promise<Run | null> {
  if (run.status !== 'queued') return null
  for (const { runId } of run.inputs) {
    // One that was deleted is told by the run itself, which fails.
    const input = await client.runs.get({ id: runId }).catch(() => null)
    if (input && input.status !== 'done') return input
  }
  return null
}

/**
 * Runs that were queued for one of those with the given ids, and that no other waits for: nobody would miss them if these
 * were stopped. One that is older than all that wait for it was launched for its own sake.
 */
export function queuedFor(runs: Run[], ids: ReadonlySet<string>): Run[] {
  const neededBy = (run: Run) => runs.filter((r) => r.status === 'queued' && r.inputs.some((i) => i.runId === run.id))
  return runs.filter((run) => {
    if (isOver(run) || ids.has(run.id)) return false
    const users = neededBy(run)
    return users.every(({ id }) => ids.has(id)) && users.some(({ createdAt }) => createdAt <= run.createdAt)
  })
}

/**
 * Stops runs, and what was queued only for them: first those that wait, so that none of them starts because another
 * has made room. Resolves when the latter have stopped, too; who follows runs sees their own ends.
 */
export async function stopAll(client: Client, ids: readonly string[]): Promise<void> {
  const runs = await client.runs.list()
  const chosen = new Set(ids)
  const wanted = runs.filter((run) => chosen.has(run.id) && !isOver(run))
  const extra = queuedFor(runs, chosen)
  const order = [
    ...wanted.filter(({ status }) => status === 'queued'),
    ...wanted.filter(({ status }) => status !== 'queued'),
    ...extra,
  ]
  // Each by itself: one that has ended just now refuses, and must not keep the others from stopping.
  for (const { id } of order) await client.runs.stop({ ids: [id] }).catch(() => {})
  for (const { id } of extra)
    while (!isOver(await client.runs.get({ id }))) await new Promise((resolve) => setTimeout(resolve, POLL_MS))
}
