import { describe, expect, it } from 'vitest'
import { leavingNotice } from '../../../src/main/desktop/notifications.ts'
import type { Run, RunStatus } from '../../../src/shared/run.ts'
import { makeRun } from '../../make-run.ts'

const run = (id: string, status: RunStatus, more: Partial<Run> = {}): Run =>
  makeRun({ id, kind: 'dcgan', name: `dcgan ${id}`, status, ...more })

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
