import { describe, expect, it } from 'vitest'
import { leavingNotice } from '../../../src/main/desktop/notifications.ts'
import type { Run, RunStatus } from '../../../src/shared/run.ts'

const run = (id: string, status: RunStatus, more: Partial<Run> = {}): Run => ({
  id,
  kind: 'dcgan',
  preset: null,
  params: {},
  name: `dcgan ${id}`,
  status,
  tags: [],
  notes: '',
  createdAt: 0,
  startedAt: null,
  endedAt: null,
  activeMs: 0,
  attemptStartedAt: null,
  attempts: 1,
  queuePosition: null,
  progress: null,
  metrics: {},
  thumbnail: null,
  engine: null,
  problem: null,
  restartOf: null,
  inputs: [],
  live: {},
  ...more,
})

describe('leaving', () => {
  it('tells that training goes on, and what waits', () => {
    expect(leavingNotice([run('1', 'running')])).toMatch(/^One run goes on training in a process of its own\./)
    const several = leavingNotice([run('1', 'running'), run('2', 'pausing'), run('3', 'queued')])
    expect(several).toMatch(/^2 runs go on/)
    expect(several).toContain('One more waits in the queue')
  })
  it('tells nothing when nothing goes on', () => {
    expect(leavingNotice([])).toBeNull()
    expect(leavingNotice([run('1', 'done'), run('2', 'queued')])).toBeNull()
  })
})
