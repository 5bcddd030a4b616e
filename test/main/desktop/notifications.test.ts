import { describe, expect, it } from 'vitest'
import { leavingNotice, runNotices } from '../../../src/main/desktop/notifications.ts'
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
const changed = (...runs: Run[]) => ({ changed: runs, removed: [] })

describe('notices', () => {
  it('tell once that a run is done, failed or was interrupted', () => {
    const notices = runNotices()
    expect(notices(changed(run('1', 'running'), run('2', 'running'), run('3', 'starting')))).toEqual([])
    const progress = {
      step: 300,
      totalSteps: 300,
      epoch: 3,
      epochs: 3,
      stepsPerSecond: 9,
      etaSeconds: 0,
      message: null,
    }
    const problem = { message: 'The loss is NaN.', hint: null, detail: null }
    expect(
      notices(changed(run('1', 'done', { progress }), run('2', 'failed', { problem }), run('3', 'interrupted'))),
    ).toEqual([
      { runId: '1', title: 'dcgan 1 is done', body: '300 of 300 steps' },
      { runId: '2', title: 'dcgan 2 has failed', body: 'The loss is NaN.' },
      { runId: '3', title: 'dcgan 3 was interrupted', body: 'dcgan' },
    ])
    expect(notices(changed(run('1', 'done'), run('2', 'failed')))).toEqual([])
  })
  it('say nothing of what had ended before, nor of what the user ended', () => {
    const notices = runNotices()
    expect(notices(changed(run('1', 'done'), run('2', 'running'), run('3', 'queued')))).toEqual([])
    expect(notices(changed(run('1', 'done'), run('2', 'stopping'), run('3', 'failed')))).toEqual([])
    expect(notices(changed(run('2', 'stopped')))).toEqual([])
  })
  it('forget removed runs', () => {
    const notices = runNotices()
    notices(changed(run('1', 'running')))
    notices({ changed: [], removed: ['1'] })
    expect(notices(changed(run('1', 'done')))).toEqual([])
  })
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
